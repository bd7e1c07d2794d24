import { Stack } from 'aws-cdk-lib'
import { CfnDocument, type CfnDocumentProps } from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'

/** How many documents of a kind CloudFormation creates at once: Systems Manager throttles more than about five. */
const LANES = { Automation: 3, Command: 2 } as const

const created = new WeakMap<Stack, Record<keyof typeof LANES, CfnDocument[]>>()

export type SsmDocumentProps = Pick<CfnDocumentProps, 'name' | 'content' | 'targetType'> & {
  readonly documentType: keyof typeof LANES
}

/**
 * Creates a document that waits for the document three (two) before it, so that few are created at once: CloudFormation
 * would create all of them together, and a throttled creation fails the deploy. The two kinds do not wait for each
 * other: an operation's function may wait for Command documents, and its Automation documents wait for it.
 *
 * An update makes a new version. Whether CloudFormation also makes it the default is not documented; see docs/aws.md.
 */
export function createDocument(scope: Construct, id: string, props: SsmDocumentProps): CfnDocument {
  const document = new CfnDocument(scope, id, { ...props, documentFormat: 'JSON', updateMethod: 'NewVersion' })
  const stack = Stack.of(scope)
  const before = created.get(stack) ?? { Automation: [], Command: [] }
  created.set(stack, before)
  const queue = before[props.documentType]
  const ahead = queue.at(-LANES[props.documentType])
  if (ahead) document.addResourceDependency(ahead)
  queue.push(document)
  return document
}
