import { expect, test } from 'vitest'
import { synthesize } from './app.ts'

/**
 * Assets and the digits of a deployment change with every change of the code, the runbooks with every change of their
 * text. They are no part of the promise.
 */
function mask(template: object): unknown {
  const text = JSON.stringify(template)
    .replace(/[0-9a-f]{64}(\.zip|\.json)?/g, 'ASSET$1')
    .replace(/(GateApiDeployment|GateFunctionCurrentVersion)[0-9A-F]{8}[0-9a-f]{32}/g, '$1MASKED')
    .replace(/"description":"# Runbooks(?:[^"\\]|\\.)*"/, '"description":"RUNBOOKS"')
  return JSON.parse(text)
}

test('the template of the sample configuration is the one that was reviewed', async () => {
  const text = `${JSON.stringify(mask(synthesize().toJSON()), null, 1)}\n`
  await expect(text).toMatchFileSnapshot('./__snapshots__/Baton-prod.template.snap')
})
