import { Stack } from 'aws-cdk-lib'
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'
import { BatonError } from '../errors.ts'

/** The ARN of a parameter of this stack's account and region. */
export function parameterArn(stack: Stack, name: string): string {
  return stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) })
}

/** The most bytes of a Systems Manager parameter: standard and advanced tier. */
const STANDARD = 4_096
const ADVANCED = 8_192
/** The most characters of a resolved reference: a name or an ARN of this stack. */
const REFERENCE = 200

/** The content of a parameter, and the remedy when it is too large. */
type StoredText = {
  readonly parameterName: string
  readonly description: string
  readonly stringValue: string
  /** The content's name, for the message: `the configuration of chain 901`. */
  readonly what: string
  readonly remedy: string
}

/**
 * Creates a parameter in the tier its text needs: the advanced one costs $0.05 a month.
 *
 * @throws TextTooLongError when no tier holds it: an error at synthesis, not in the middle of a deploy.
 */
export function storeText(scope: Construct, id: string, { what, remedy, ...props }: StoredText): StringParameter {
  const bytes = bytesOf(scope, props.stringValue)
  if (bytes > ADVANCED) {
    const limit = `a parameter of Systems Manager holds ${ADVANCED}`
    throw new TextTooLongError(`${props.parameterName}: ${what} is ${bytes} bytes as JSON, and ${limit}`, remedy)
  }
  return new StringParameter(scope, id, { ...props, ...(bytes > STANDARD && { tier: ParameterTier.ADVANCED }) })
}

/** No parameter of Systems Manager holds the text. */
export class TextTooLongError extends BatonError {
  override readonly name = 'TextTooLongError'
  override readonly code = 'text-too-long'

  constructor(message: string, remedy: string) {
    super({ message, remedy: `${remedy[0]?.toUpperCase()}${remedy.slice(1)}.` })
  }
}

/** Counts bytes, not characters: a name may use any script. References count at their maximum length. */
function bytesOf(scope: Construct, text: string): number {
  const resolved: unknown = Stack.of(scope).resolve(text)
  if (typeof resolved === 'string') return Buffer.byteLength(resolved)
  const [, parts] = (resolved as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'] ?? ['', [resolved]]
  return parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : REFERENCE), 0)
}
