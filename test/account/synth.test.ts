import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, test } from 'vitest'
import { resourcesOf } from '../cdk/app.ts'
import { legible } from '../cdk/resolve.ts'
import { integration } from './integ.ts'
import type { AccountStack } from './stack.ts'

// It needs an account: here it is synthesised, and what it calls is compared with what the stack has.

const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } })
integration(app)
const assembly = app.synth()
const stack = Template.fromStack(app.node.findChild('Baton-integ') as AccountStack)
const asserted = assembly.stacks.find(({ stackName }) => stackName !== 'Baton-integ')?.template as {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>
}

type Content = { parameters: Record<string, { allowedValues?: string[]; default?: string }> }
const documents = new Map(
  resourcesOf(stack, 'AWS::SSM::Document').map(([, { Properties }]) => [
    String(Properties.Name),
    legible(Properties.Content) as Content,
  ]),
)

test('it starts documents that the stack has, with parameters they have', () => {
  const calls = Object.values(asserted.Resources).filter(
    ({ Properties }) => Properties?.api === 'startAutomationExecution',
  )
  expect(calls).toHaveLength(3)
  for (const { Properties } of calls) {
    const { DocumentName, Parameters } = Properties.parameters as { DocumentName: string; Parameters: object | string }
    const name = JSON.parse(DocumentName) as string
    const { parameters } = documents.get(name) ?? { parameters: {} }
    const given = Object.keys(
      typeof Parameters === 'string' ? (JSON.parse(Parameters) as object) : (JSON.parse(joined(Parameters)) as object),
    )
    expect(Object.keys(parameters), name).toEqual(expect.arrayContaining(given))
    const needed = Object.entries(parameters).flatMap(([key, each]) => (each.default === undefined ? [key] : []))
    expect(given, name).toEqual(expect.arrayContaining(needed))
  }
})

test('nothing but bucket and log groups stays when it is destroyed', () => {
  const left = Object.values(stack.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>)
    .filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain')
    .map(({ Type }) => Type)
  expect(new Set(left)).toEqual(new Set(['AWS::S3::Bucket', 'AWS::Logs::LogGroup']))
})

/** A value with references, which are names at the end. */
function joined(value: unknown): string {
  return String(legible(value))
}
