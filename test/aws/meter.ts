/** What was asked of one service: how often, and what it is billed by. */
export type Metered = {
  readonly calls: number
  /** Of DynamoDB: write or read units. */
  readonly units: number
  readonly bytes: number
}

/** Counts what passes, by service and operation: `dynamodb UpdateItem Heads`, `s3 PUT`, `ssm GetParameters`. */
export class Meter {
  readonly #counts = new Map<string, Metered>()
  readonly #sizes = new Map<string, number>()

  /** Starts over; what was learned of the sizes of items stays. */
  reset(): void {
    this.#counts.clear()
  }

  get counts(): ReadonlyMap<string, Metered> {
    return this.#counts
  }

  note(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: Buffer,
  ): void {
    const target = String(headers['x-amz-target'] ?? '')
    const [api = '', operation = ''] = target.split('.')
    if (api.startsWith('DynamoDB_')) this.#dynamo(operation, body)
    else if (target !== '') this.#add(`${api} ${operation}`, 0, body.length)
    else if (path.includes('/_user_request_/')) this.#add('api call', 0, body.length)
    else if (/^\/baton-[a-z]+-batonstorearchive/.test(path)) this.#add(`s3 ${method}`, 0, body.length)
  }

  /** Items are billed by their size, whatever part of them is read or written. */
  #dynamo(operation: string, body: Buffer): void {
    const input = JSON.parse(body.toString()) as Input
    const table = /BatonStore([A-Z][a-z]+)/.exec(input.TableName ?? '')?.[1] ?? ''
    const key = `${table} ${JSON.stringify(input.Key ?? input.Item?.chain ?? '')}`
    const written = { ...input.ExpressionAttributeValues, ...input.Item }
    const names = { ...input.ExpressionAttributeNames, ...input.Item }
    const size = Math.max(sizeOf(written) + JSON.stringify(Object.keys(names)).length, this.#sizes.get(key) ?? 0)
    const writes = ['UpdateItem', 'PutItem'].includes(operation)
    if (writes) this.#sizes.set(key, operation === 'PutItem' ? 0 : size)
    const units = writes ? Math.ceil(size / 1024) : Math.max(1, Math.ceil(size / 4096))
    this.#add(`dynamodb ${operation} ${table}`, units, size)
  }

  #add(name: string, units: number, bytes: number): void {
    const { calls, units: before, bytes: had } = this.#counts.get(name) ?? { calls: 0, units: 0, bytes: 0 }
    this.#counts.set(name, { calls: calls + 1, units: before + units, bytes: had + bytes })
  }
}

type Value = {
  readonly S?: string
  readonly N?: string
  readonly B?: string
  readonly M?: Record<string, Value>
  readonly L?: Value[]
}
type Input = {
  readonly TableName?: string
  readonly Key?: object
  readonly Item?: Record<string, Value>
  readonly ExpressionAttributeNames?: Record<string, string>
  readonly ExpressionAttributeValues?: Record<string, Value>
}

function sizeOf(values: Readonly<Record<string, Value>>): number {
  return Object.values(values).reduce((sum, value) => sum + sizeOfValue(value), 0)
}

function sizeOfValue({ S, N, B, M, L }: Value): number {
  if (S !== undefined) return Buffer.byteLength(S)
  if (N !== undefined) return Math.ceil(N.length / 2) + 1
  if (B !== undefined) return Math.floor((B.length * 3) / 4)
  if (M !== undefined) return 3 + sizeOf(M) + Object.keys(M).join('').length
  return L === undefined ? 1 : 3 + L.reduce((sum, value) => sum + sizeOfValue(value), 0)
}
