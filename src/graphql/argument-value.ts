import { type OperationDefinitionNode, type ValueNode, valueFromASTUntyped } from "graphql";

/** What an argument says, before anything has run: not coerced yet. The variables are as they were sent. */
export function argumentValue(
  node: ValueNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): unknown {
  return valueFromASTUntyped(node, { ...defaultsOf(operation), ...variables });
}

/** Nothing has filled in what was left out. */
function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)]] : [],
    ),
  );
}
