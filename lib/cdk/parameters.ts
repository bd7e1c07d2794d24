import type { Stack } from 'aws-cdk-lib'

/** The ARN of a parameter of this stack's account and region. */
export function parameterArn(stack: Stack, name: string): string {
  return stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) })
}
