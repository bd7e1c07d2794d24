import { expect, test } from 'vitest'
import { optionsOf, readOptions } from '../../bin/options.ts'
import { startDocument } from '../../lib/operations/engine/documents.ts'
import { upgradeFields } from '../../lib/operations/upgrade/document.ts'
import { upgrade } from '../../lib/operations/upgrade/operation.ts'
import { procedureInputs } from '../../lib/page/procedures.ts'
import { renderProcedures } from '../../lib/page/render-procedures.ts'

const { chain: _, dryRun: __, ...asked } = upgradeFields
const names = Object.keys(asked)

test('an upgrade asks for the same on the command line, on the page and in the function', () => {
  expect(Object.keys(optionsOf(asked))).toEqual(names)
  expect(Object.keys(procedureInputs.upgrade.entries)).toEqual(names)
  const page = renderProcedures([], { unavailable: {} } as Parameters<typeof renderProcedures>[1]).toString()
  const form = page.slice(page.indexOf('data-procedure="upgrade"'), page.indexOf('</form>'))
  expect([...form.matchAll(/ name="(\w+)"/g)].map(([, name]) => name)).toEqual(names)
})

test('the console asks for those of them it names', () => {
  const arns = { assumeRole: '', actFunctionArn: '', stateMachineArn: '', executions: '' }
  const { mainSteps } = startDocument(upgrade, arns)
  const { inputs } = mainSteps.at(-1) as { inputs: { input: string } }
  const given = [...inputs.input.matchAll(/"(\w+)":/g)].map(([, name]) => name)
  expect(given).toEqual([
    ...Object.entries(upgradeFields).flatMap(([name, field]) => ('console' in field ? [name] : [])),
    'by',
  ])
})

test('what is typed is read by the schema of the field, and refused by its name', () => {
  expect(readOptions(asked, { to: 'v2', within: '2.5', alone: true })).toMatchObject({ within: 2.5, alone: true })
  expect(() => readOptions(asked, { to: 'v2', bake: '-1' })).toThrow('--bake -1 is not valid')
  expect(() => readOptions(asked, { to: '--version' })).toThrow('--to --version is not valid')
})
