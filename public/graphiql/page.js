// @ts-check
/**
 * Signs in at the issuer (authorization code with PKCE, RFC 7636) and opens GraphiQL with the token.
 * Queries, answers and history stay in memory: they hold personal data. The token is the tab's own.
 *
 * @typedef {{ acrValues: string[], maxAgeSeconds: number }} StepUp
 * @typedef {{ issuer: string, clientId: string, scope: string, resource?: string, audience?: string, stepUp?: StepUp, examples: string[] }} Settings
 * @typedef {{ issuer: string, authorization_endpoint: string, token_endpoint: string, authorization_response_iss_parameter_supported?: boolean }} Issuer
 * @typedef {{ token: string, expiresAt: number }} Session
 * @typedef {{ state: string, verifier: string }} Attempt
 * @typedef {{ query: string, operationName?: string, variables?: Record<string, unknown> }} Operation
 * @typedef {{ definitions: readonly { operation?: string, name?: { value: string } }[] }} Document
 */

const sessionKey = "innsyn.session";
const attemptKey = "innsyn.attempt";
const redirectUri = `${location.origin}/graphiql`;

/** @type {Settings} */
const settings = await (await fetch("/graphiql/settings.json")).json();
await finishSignIn().catch(() => say("Innloggingen ble ikke fullført. / Sign-in was not completed."));
showSession();
button("sign-in").addEventListener("click", () => void begin());
button("sign-in-strongly").addEventListener("click", () => void begin(settings.stepUp));
button("sign-out").addEventListener("click", () => {
  sessionStorage.removeItem(sessionKey);
  location.reload();
});
await openEditor();

/** @returns {Promise<Issuer>} */
async function discover() {
  const answer = await fetch(`${settings.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (!answer.ok) throw new Error("discovery failed");
  return answer.json();
}

/** @param {StepUp} [stepUp] */
async function begin(stepUp) {
  await signIn(stepUp).catch(() =>
    say("Innloggingstjenesten svarer ikke. / The sign-in service does not answer."),
  );
}

/** @param {StepUp} [stepUp] */
async function signIn(stepUp) {
  const { authorization_endpoint } = await discover();
  const attempt = { state: random(), verifier: random() };
  sessionStorage.setItem(attemptKey, JSON.stringify(attempt));
  const url = new URL(authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: settings.clientId,
    redirect_uri: redirectUri,
    scope: settings.scope,
    state: attempt.state,
    code_challenge: await challengeOf(attempt.verifier),
    code_challenge_method: "S256",
    // After signing out here the issuer may still know the person: let another be chosen.
    prompt: "login",
    ...(stepUp && { acr_values: stepUp.acrValues.join(" "), max_age: String(stepUp.maxAgeSeconds) }),
    ...target(),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
}

async function finishSignIn() {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state")) return;
  // The code must not stay in the address or in the history.
  history.replaceState(null, "", "/graphiql");
  /** @type {Attempt | null} */
  const attempt = JSON.parse(sessionStorage.getItem(attemptKey) ?? "null");
  sessionStorage.removeItem(attemptKey);
  const code = answer.get("code");
  if (attempt === null || answer.get("state") !== attempt.state || code === null)
    throw new Error("not our sign-in");
  const issuer = await discover();
  const from = answer.get("iss");
  // RFC 9207: an answer of another issuer must not be exchanged at this one.
  const named = from !== null || issuer.authorization_response_iss_parameter_supported === true;
  if (named && from !== issuer.issuer) throw new Error("another issuer");
  const response = await fetch(issuer.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: settings.clientId,
      redirect_uri: redirectUri,
      code,
      code_verifier: attempt.verifier,
      ...target(),
    }),
  });
  if (!response.ok) throw new Error("no token");
  const { access_token, expires_in = 3600 } = await response.json();
  /** @type {Session} */
  const session = { token: access_token, expiresAt: Date.now() + expires_in * 1000 };
  sessionStorage.setItem(sessionKey, JSON.stringify(session));
}

/** @returns {Record<string, string>} */
function target() {
  const { resource, audience } = settings;
  return { ...(resource && { resource }), ...(audience && { audience }) };
}

/** @returns {Session | null} */
function currentSession() {
  /** @type {Session | null} */
  const session = JSON.parse(sessionStorage.getItem(sessionKey) ?? "null");
  return session !== null && session.expiresAt > Date.now() ? session : null;
}

function showSession() {
  const session = currentSession();
  button("sign-in").hidden = session !== null;
  button("sign-in-strongly").hidden = settings.stepUp === undefined;
  button("sign-out").hidden = session === null;
  if (session !== null) say(`Innlogget som / signed in as ${nameIn(session.token)}`);
}

/**
 * For display only: the gateway is the one that verifies.
 * @param {string} token
 * @returns {string}
 */
function nameIn(token) {
  try {
    const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const { name, email, sub } = JSON.parse(new TextDecoder().decode(bytes));
    return name && email ? `${name} (${email})` : (name ?? email ?? sub);
  } catch {
    return "–";
  }
}

async function openEditor() {
  const workers = { editorWorkerService: "editor", json: "json", graphql: "graphql" };
  Object.assign(globalThis, {
    MonacoEnvironment: {
      globalAPI: false,
      /** @param {string} _module @param {keyof typeof workers} label */
      getWorkerUrl: (_module, label) => `/graphiql/${workers[label]}.worker.js`,
    },
  });
  await load("/graphiql/graphql-sse.js");
  await load("/graphiql/graphiql.js");
  const { YogaGraphiQL } =
    /** @type {{ YogaGraphiQL: { renderYogaGraphiQL(element: Element, options: object): void } }} */ (
      /** @type {unknown} */ (globalThis)
    );
  YogaGraphiQL.renderYogaGraphiQL(element("editor"), {
    title: "Innsyn",
    logo: " ",
    fetcher: answer,
    defaultTabs: settings.examples.map((query) => ({ query })),
    isHeadersEditorEnabled: false,
    shouldPersistHeaders: false,
    storage: memory(),
    // By default each edit is written into the address, and a query may hold an identifier of a person.
    onEditQuery: () => undefined,
  });
}

/**
 * @param {Operation} operation
 * @param {{ documentAST?: Document }} [parsed]
 */
function answer(operation, parsed) {
  const named = parsed?.documentAST?.definitions.find(
    ({ operation: kind, name }) =>
      kind !== undefined &&
      (operation.operationName === undefined || name?.value === operation.operationName),
  );
  return named?.operation === "subscription" ? follow(operation) : ask(operation);
}

/** @param {Operation} operation */
function follow(operation) {
  const { graphqlSse } = /** @type {{ graphqlSse: typeof import("graphql-sse") }} */ (
    /** @type {unknown} */ (globalThis)
  );
  const client = graphqlSse.createClient({
    url: "/graphql/stream",
    // Asked anew whenever it connects again.
    headers: () => {
      const session = currentSession();
      return session === null ? {} : { authorization: `Bearer ${session.token}` };
    },
  });
  return client.iterate(operation);
}

/** @param {Operation} operation */
async function ask({ query, operationName, variables }) {
  const session = currentSession();
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
      ...(session && { authorization: `Bearer ${session.token}` }),
    },
    body: JSON.stringify({ query, operationName, variables }),
  });
  if (response.status === 401) {
    sessionStorage.removeItem(sessionKey);
    showSession();
    say(
      session === null
        ? "Logg inn først. / Sign in first."
        : "Innloggingen er utløpt. / Your sign-in has expired.",
    );
  }
  const body = await response.json();
  if (Object.values(body.data ?? {}).some((field) => field?.code === "STEP_UP_REQUIRED"))
    say(
      "Bruk «Sterk innlogging», og hent planen på nytt. / Use “Strong sign-in”, and ask for the plan again.",
    );
  return body;
}

/** @returns {Storage} */
function memory() {
  /** @type {Map<string, string>} */
  const items = new Map();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** @param {string} verifier */
async function challengeOf(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

/** @param {string} src */
function load(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

/** @param {string} text */
function say(text) {
  element("who").textContent = text;
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}

/** @param {string} id */
function button(id) {
  return /** @type {HTMLButtonElement} */ (element(id));
}
