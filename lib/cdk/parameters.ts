import { Stack } from 'aws-cdk-lib'
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'

/** The ARN of a parameter of this stack's account and region. */
export function parameterArn(stack: Stack, name: string): string {
  return stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) })
}

/** What a parameter of Systems Manager holds at most, in bytes: of the standard tier, and of the advanced one. */
const STANDARD = 4_096
const ADVANCED = 8_192
/** A reference becomes a name or an ARN, and an ARN of this stack has at most so many characters. */
const REFERENCE = 200

/** What is written to a parameter, and what to do when it is too much. */
type StoredText = {
  readonly parameterName: string
  readonly description: string
  readonly stringValue: string
  /** What is in it, for the message: `the configuration of chain 901`. */
  readonly what: string
  readonly remedy: string
}

/**
 * A parameter in the tier its text needs: the advanced one costs $0.05 a month.
 *
 * @throws when no tier holds it: an error at synthesis, not in the middle of a deploy.
 */
export function storeText(scope: Construct, id: string, { what, remedy, ...props }: StoredText): StringParameter {
  const bytes = bytesOf(scope, props.stringValue)
  if (bytes > ADVANCED) {
    const limit = `a parameter of Systems Manager holds ${ADVANCED}`
    throw new Error(`${props.parameterName}: ${what} is ${bytes} bytes as JSON, and ${limit}; ${remedy}`)
  }
  return new StringParameter(scope, id, { ...props, ...(bytes > STANDARD && { tier: ParameterTier.ADVANCED }) })
}

/** Bytes, not characters: a name may be written in any script. References count as long as they may become. */
function bytesOf(scope: Construct, text: string): number {
  const resolved: unknown = Stack.of(scope).resolve(text)
  if (typeof resolved === 'string') return Buffer.byteLength(resolved)
  const [, parts] = (resolved as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'] ?? ['', [resolved]]
  return parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : REFERENCE), 0)
}
