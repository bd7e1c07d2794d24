import { GateError } from './errors.ts'

/** The body is not JSON. */
export class ParseError extends GateError {
  override readonly name = 'ParseError'
  override readonly code = 'parse-error'
  override readonly rpcCode = -32700

  constructor(what = 'not JSON in UTF-8', cause?: unknown) {
    super({ message: `parse error: the body is ${what}`, remedy: 'Send one JSON-RPC 2.0 request.', cause })
  }
}

/** The JSON is not a JSON-RPC request. */
export class InvalidRequestError extends GateError {
  override readonly name = 'InvalidRequestError'
  override readonly code = 'invalid-request'
  override readonly rpcCode = -32600

  constructor(problem: string) {
    super({ message: `invalid request: ${problem}`, remedy: 'Send {"jsonrpc":"2.0","id":1,"method":…,"params":[…]}.' })
  }
}

/** The gate has no such method. */
export class MethodNotFoundError extends GateError {
  override readonly name = 'MethodNotFoundError'
  override readonly code = 'method-not-found'
  override readonly rpcCode = -32601

  constructor(method: string) {
    super({
      message: `the method ${method.slice(0, 100)} does not exist/is not available`,
      remedy: 'See docs/reference/op-conductor.md for the methods that Baton answers.',
    })
  }
}

/** A parameter is invalid for the method; the message names the field. */
export class InvalidParamsError extends GateError {
  override readonly name = 'InvalidParamsError'
  override readonly code = 'invalid-params'
  override readonly rpcCode = -32602

  constructor(field: string, problem: string) {
    super({
      message: `invalid params: ${field}: ${problem}`,
      remedy: 'Send the payload as op-node does; nothing was committed.',
      facts: { field },
    })
  }
}

/** A node answered a proxied call with an error; its caller gets that error as it is. */
export class NodeAnswerError extends GateError {
  override readonly name = 'NodeAnswerError'
  override readonly code = 'node-answer'
  /** The error object as JSON text, byte for byte as the node sent it. */
  readonly answer: string

  constructor(answer: string) {
    super({ message: 'the node answered with an error', remedy: 'Read the error: it is the node’s own.' })
    this.answer = answer
  }
}

/** The body is larger than any block. */
export class BodyTooLargeError extends GateError {
  override readonly name = 'BodyTooLargeError'
  override readonly code = 'body-too-large'
  override readonly status = 413

  constructor(limit: number) {
    super({
      message: `the body is larger than ${limit} bytes`,
      remedy: "Raise the gate's body limit if the chain's blocks are really that large.",
      facts: { limit },
    })
  }
}

/** The body did not arrive in time. */
export class BodyTimeoutError extends GateError {
  override readonly name = 'BodyTimeoutError'
  override readonly code = 'body-timeout'
  override readonly status = 408

  constructor(ms: number) {
    super({
      message: `the body did not arrive within ${ms} ms`,
      remedy: 'Check the network between node and gate; op-node itself gives up after a second.',
    })
  }
}

/** The client closed the connection mid-body. Only the log sees this error. */
export class BodyCutOffError extends GateError {
  override readonly name = 'BodyCutOffError'
  override readonly code = 'body-cut-off'
  override readonly status = 400

  constructor(bytes: number, announced: string | undefined) {
    super({
      message: `the client closed the connection after ${bytes} bytes of the body${/^\d+$/.test(announced ?? '') ? ` (it announced ${announced})` : ''}`,
      remedy: 'Nothing, if it was restarted; else check the network and proxies between node and gate.',
    })
  }
}

/** A fault of the gate itself; the cause is in its log. */
export class InternalError extends GateError {
  override readonly name = 'InternalError'
  override readonly code = 'internal'
  override readonly rpcCode = -32603
  override readonly status = 500

  constructor(cause: unknown) {
    super({ message: 'internal error', remedy: "Look into the gate's log and report it.", cause })
  }
}
