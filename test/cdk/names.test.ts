import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { chainAlarms } from '../../lib/cdk/alarms/chain-alarms.ts'
import { metrics, namespace, refusals } from '../../lib/cloudwatch/metrics.ts'
import { configure, resourcesOf, sample, synthesize } from './app.ts'
import { plain } from './resolve.ts'
import { zk } from './zk-chain.ts'

// What people write into dashboards, paging rules and scripts of their own. A name that changes breaks them without a
// word: change the list with it, and say so in CHANGELOG.md.
const list = readFileSync('docs/reference/alarms.md', 'utf8')
const runbooks = readFileSync('docs/runbooks.md', 'utf8')

/** The cells of the table below a heading, without its own heading. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const section = list.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(1).map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', ''))
      .slice(1, -1),
  )
}

const [chain] = sample().chains as object[]
const chains = [{ ...chain, l1: { rpc: 'https://l1.example.com' } }]
const template = synthesize(configure({ chains, zkChains: [zk] }))
/** All but the one that only CodeDeploy reads, during a deploy. */
const notified = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(([id]) => !id.includes('GateCanary'))
const alarms = notified.map(([, { Properties }]) => {
  const [, severity = '', id = ''] =
    /^([A-Z]+)\. [\s\S]*#([a-z0-9-]+)$/.exec(String(plain(Properties.AlarmDescription))) ?? []
  return { name: String(Properties.AlarmName), id, severity: severity.toLowerCase() }
})

/** What is told of by a rule instead: its message begins as the description of an alarm. */
const rules = resourcesOf(template, 'AWS::Events::Rule').flatMap(([, { Properties }]) => {
  const text = JSON.stringify(Properties.Targets)
  const [, severity] = /"([A-Z]+)\. /.exec(text) ?? []
  const [, id] = /#([a-z0-9-]+)\\+nExecution/.exec(text) ?? []
  return severity && id ? { id, severity: severity.toLowerCase() } : []
})

test('the alarms of a deployment are the ones that are listed', () => {
  const listed = tableUnder('Alarms').map(([id, severity]) => `${id} ${severity}`)
  const deployed = new Set([...alarms, ...rules].map(({ id, severity }) => `${id} ${severity}`))
  expect([...deployed].toSorted()).toEqual(listed.toSorted())
})

test('an alarm is called by the deployment, its chain and its id', () => {
  const chained = new Set(chainAlarms.map(({ id }) => id))
  for (const { name, id } of alarms.filter(({ id }) => chained.has(id))) expect(name).toBe(`baton-prod-901-${id}`)
  for (const { name, id } of alarms.filter(({ id }) => id !== '' && !chained.has(id)))
    expect(name).toMatch(new RegExp(`^baton-prod-([A-Za-z-]+-)?${id}$`))
  expect(new Set(alarms.map(({ name }) => name)).size).toBe(alarms.length)
})

test('each alarm of a chain is listed, and has its runbook, with the metric it looks at', () => {
  const listed = new Map(tableUnder('Alarms').map(([id, , scope, metric]) => [id, `${scope} ${metric}`]))
  for (const { id, metric, reason } of chainAlarms) {
    expect(listed.get(id)).toBe(`chain ${metric}${reason === undefined ? '' : ` (${reason})`}`)
    expect(runbooks.split(`## ${id}\n`)[1]?.split('\n## ')[0]).toContain(`· chain · \`${metric}\``)
  }
})

test('the metrics are the ones that are listed', () => {
  const listed = tableUnder('Metrics').map(([name, unit, dimensions]) => [name, unit, dimensions])
  const emitted = Object.entries(metrics).map(([name, { unit, dimensions }]) => [name, unit, dimensions.join(', ')])
  expect(listed.toSorted()).toEqual(emitted.toSorted())
  expect(list).toContain(`namespace \`${namespace}\``)
  for (const reason of refusals) expect(list).toContain(`\`${reason}\``)
})

test('the outputs of a deployment are the ones that are listed', () => {
  const approvers = ['arn:aws:iam::123456789012:role/approver']
  const beside = synthesize(configure({ gate: { access: 'sidecar' }, approvers }))
  const outputs = [template, beside].flatMap((each) => Object.keys(each.findOutputs('*')))
  const names = new Set(outputs.map((name) => name.replace('901', '<id>')))
  expect([...names].toSorted()).toEqual(
    tableUnder('Outputs')
      .flatMap(([name = '']) => name.split(', '))
      .toSorted(),
  )
})

test('each state in which an operation can fail has its line in the runbook, and no other does', () => {
  const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine')
  const failing = machines.flatMap(([, { Properties }]) =>
    [...JSON.stringify(Properties.DefinitionString).matchAll(/\\"([^"\\]+)\\":\{\\"Type\\":\\"Fail\\"/g)].map(
      ([, name = '']) => name,
    ),
  )
  const section = runbooks.split('## workflow-failed\n')[1]?.split('\n# ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  const listed = rows.flatMap((row) =>
    [...(row.split('|')[2] ?? '').matchAll(/\*([^*]+)\*/g)].map(([, name = '']) => name),
  )
  expect([...new Set(listed)].toSorted()).toEqual([...new Set(failing)].toSorted())
})
