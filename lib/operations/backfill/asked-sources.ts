import type { Envelope } from '../../chain/envelope.ts'
import { classify } from '../../chain/failure.ts'
import { type KnownBlock, provePayload } from '../../chain/prove-payload.ts'
import { differingFields } from './differing-fields.ts'
import type { PayloadSource } from './sources.ts'

/** A source's fault that a person should know of. */
export type Finding = {
  readonly source: string
  readonly place: string
  readonly block: KnownBlock
  /** `corrupt`: what it has is not the committed block. `failed`: it could not be asked. */
  readonly kind: 'corrupt' | 'failed'
  readonly message: string
  /** Fields that differ from the right payload, once another source supplied that. */
  readonly differs?: readonly string[]
}

/** A payload proved to be the committed block, and its source. */
export type Taken = { readonly envelope: Envelope; readonly source: string }

/** A source is excluded from this run after this many failures in a row. */
const PATIENCE = 3

/** Errors about a source's data, not about its availability. */
const CORRUPT = new Set([
  'CorruptRecordError',
  'SyntaxError',
  'ValiError',
  'TransactionEncodingError',
  'PayloadTooLargeError',
])

/** Queries sources in order, and collects their faults. */
export class AskedSources {
  readonly findings: Finding[] = []
  readonly #sources: readonly PayloadSource[]
  readonly #failures = new Map<PayloadSource, number>()
  readonly #onFinding: (finding: Finding) => void

  constructor(sources: readonly PayloadSource[], onFinding: (finding: Finding) => void = () => {}) {
    this.#sources = sources
    this.#onFinding = onFinding
  }

  /** The sources still in use. */
  get asked(): readonly PayloadSource[] {
    return this.#sources.filter((source) => (this.#failures.get(source) ?? 0) < PATIENCE)
  }

  get names(): readonly string[] {
    return this.#sources.map(({ name }) => name)
  }

  /** Queries a source; records a failure and returns `undefined`. */
  async ask<T>(source: PayloadSource, block: KnownBlock, question: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await question()
      this.#failures.delete(source)
      return answer
    } catch (error) {
      const corrupt = error instanceof Error && CORRUPT.has(error.name)
      if (!corrupt) this.#failures.set(source, (this.#failures.get(source) ?? 0) + 1)
      const message = corrupt ? error.message : classify(error).message
      this.#find(source, block, corrupt ? 'corrupt' : 'failed', message)
      return undefined
    }
  }

  /** The payload of a committed block from the first source that has it right; `undefined` = no source. */
  async take(block: KnownBlock): Promise<Taken | undefined> {
    const wrong: [PayloadSource, Envelope, string][] = []
    for (const source of this.asked) {
      const envelope = await this.ask(source, block, () => source.payload(block))
      if (!envelope) continue
      const proved = await provePayload(envelope, block)
      if (proved.proof !== 'other') {
        for (const [who, what, message] of wrong)
          this.#find(who, block, 'corrupt', message, differingFields(what, envelope))
        return { envelope, source: source.name }
      }
      wrong.push([source, envelope, proved.problem])
    }
    for (const [who, , message] of wrong) this.#find(who, block, 'corrupt', message)
    return undefined
  }

  #find(source: PayloadSource, block: KnownBlock, kind: Finding['kind'], message: string, differs?: readonly string[]) {
    const place = source.place(block)
    const finding = { source: source.name, place, block, kind, message, ...(differs && { differs }) }
    this.findings.push(finding)
    this.#onFinding(finding)
  }
}
