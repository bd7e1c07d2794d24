/** The Lambda runtime of the tests: imports a bundle, then invokes its handler for each message. */
type Invocation = {
  readonly id: number
  readonly event: unknown
  readonly remainingMs: number
  readonly requestId: string
}

const began = performance.now()
const { handler } = await import(process.argv[2] ?? '')
process.send?.({ importMs: performance.now() - began })

process.on('message', async ({ id, event, remainingMs, requestId }: Invocation) => {
  const deadline = Date.now() + remainingMs
  const context = {
    awsRequestId: requestId,
    functionName: 'function-under-test',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:function-under-test',
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => deadline - Date.now(),
  }
  let reply: object
  try {
    reply = { id, result: await handler(event, context) }
  } catch (error) {
    const { name, message } = error as Error
    reply = { id, error: { errorType: name, errorMessage: message } }
  }
  // As Lambda does. What was written comes by another way than the reply: this line tells that all of it is there.
  process.stdout.write(`END RequestId: ${id}\n`)
  process.send?.(reply)
})
