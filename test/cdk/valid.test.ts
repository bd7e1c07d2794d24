import validate from 'asl-validator'
import { describe, expect, test } from 'vitest'
import { resourcesOf, synthesize } from './app.ts'
import { configurations } from './configurations.ts'
import { legible } from './resolve.ts'

/** What Step Functions would say of a definition: most are the same in every configuration. */
const faults = new Map<string, ReturnType<typeof validate>>()
const faultsOf = (definition: string) => {
  const found = faults.get(definition) ?? validate(JSON.parse(definition))
  faults.set(definition, found)
  return found
}

// What AWS checks at a deploy; `npm run lint:templates` has cfn-lint check the same templates.
describe.each(Object.entries(configurations))('%s', (_, config) => {
  const template = synthesize(config())

  test('Step Functions takes its state machines', () => {
    const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine')
    expect(machines.length).toBeGreaterThan(4)
    for (const [id, { Properties }] of machines) {
      const text = String(legible(Properties.DefinitionString))
        .replaceAll('<AWS::Partition>', 'aws')
        .replace(/"<[\w.]+>"/g, '"arn:aws:lambda:eu-west-1:1:function:f"')
      const { isValid, errors } = faultsOf(text)
      expect(errors, id).toEqual([])
      expect(isValid, id).toBe(true)
    }
  })

  test('CloudFormation takes its size and number of resources', () => {
    const json = template.toJSON() as { Resources: object; Outputs: object }
    expect(Object.keys(json.Resources).length).toBeLessThanOrEqual(500)
    expect(Object.keys(json.Outputs).length).toBeLessThanOrEqual(200)
    expect(JSON.stringify(json).length).toBeLessThan(1_000_000)
  })

  test('Systems Manager takes the sizes of its documents and parameters', () => {
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::SSM::Document'))
      expect(JSON.stringify(legible(Properties.Content)).length, id).toBeLessThan(65_536)
    for (const [id, { Properties }] of resourcesOf(template, 'AWS::SSM::Parameter')) {
      const limit = Properties.Tier === 'Advanced' ? 8_192 : 4_096
      expect(String(legible(Properties.Value)).length, id).toBeLessThanOrEqual(limit)
    }
  })
})
