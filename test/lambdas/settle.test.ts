import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Context } from 'aws-lambda'
import { expect, onTestFinished, test, vi } from 'vitest'

vi.stubEnv('BATON_SETTLE_SECONDS', '0.3')
const { handler } = await import('../../lambdas/settle.ts')

/** Where CloudFormation waits for the answer: a signed URL. */
async function waiting(status = 200) {
  const answers: { method: string | undefined; type: string | undefined; body: unknown }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
    answers.push({ method: request.method, type: request.headers['content-type'], body })
    response.writeHead(status).end()
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const ResponseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer?Signature=x`
  const named = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Wait' }
  return {
    answers,
    named,
    ask: (RequestType: string) => handler({ RequestType, ResponseURL, ...named }, {} as Context),
  }
}

test.each(['Create', 'Update'])('%s: CloudFormation gets its answer after the wait', async (kind) => {
  const { answers, named, ask } = await waiting()
  const asked = ask(kind)
  expect(answers).toEqual([])
  await asked
  const body = { Status: 'SUCCESS', PhysicalResourceId: 'settled', ...named }
  // The signature covers the content type: there must be none.
  expect(answers).toEqual([{ method: 'PUT', type: '', body }])
})

test('a stack that is destroyed waits for nothing', async () => {
  const { answers, ask } = await waiting()
  const began = performance.now()
  await ask('Delete')
  expect(answers).toHaveLength(1)
  expect(performance.now() - began).toBeLessThan(300)
})

test('an answer that is not taken is an error, which Lambda tries again', async () => {
  const { ask } = await waiting(403)
  await expect(ask('Delete')).rejects.toThrow('HTTP 403')
})
