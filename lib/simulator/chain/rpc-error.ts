/** A JSON-RPC error with a code of its own; any other error is sent as -32000. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export const invalidParams = (message: string) => new RpcError(-32602, message)

/** A JSON-RPC method of a node. */
export type Method = (params: readonly unknown[]) => unknown
export type Methods = Readonly<Record<string, Method>>
