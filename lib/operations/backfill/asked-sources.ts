import type { Envelope } from '../../chain/envelope.ts'
import { classify } from '../../chain/failure.ts'
import { type KnownBlock, provePayload } from '../../chain/prove-payload.ts'
import { differingFields } from './differing-fields.ts'
import type { PayloadSource } from './sources.ts'

/** Something a source did that a person should know of. */
export type Finding = {
  readonly source: string
  readonly place: string
  readonly block: KnownBlock
  /** `corrupt`: what it has is not the committed block. `failed`: it could not be asked. */
  readonly kind: 'corrupt' | 'failed'
  readonly message: string
  /** Fields that differ from the right payload, once that was found elsewhere. */
  readonly differs?: readonly string[]
}

/** A payload that is the committed block, and who had it. */
export type Taken = { readonly envelope: Envelope; readonly source: string }

/** After so many failures in a row a source is not asked any more in this run. */
const PATIENCE = 3

/** Errors that speak of what a source has, and not of whether it could be asked. */
const CORRUPT = new Set([
  'CorruptRecordError',
  'SyntaxError',
  'ValiError',
  'TransactionEncodingError',
  'PayloadTooLargeError',
])

/** Sources that are asked in order, with what was found wrong with them on the way. */
export class AskedSources {
  readonly findings: Finding[] = []
  readonly #sources: readonly PayloadSource[]
  readonly #failures = new Map<PayloadSource, number>()
  readonly #onFinding: (finding: Finding) => void

  constructor(sources: readonly PayloadSource[], onFinding: (finding: Finding) => void = () => {}) {
    this.#sources = sources
    this.#onFinding = onFinding
  }

  /** Who is still asked. */
  get asked(): readonly PayloadSource[] {
    return this.#sources.filter((source) => (this.#failures.get(source) ?? 0) < PATIENCE)
  }

  get names(): readonly string[] {
    return this.#sources.map(({ name }) => name)
  }

  /** Runs a question to a source; a failure is noted and answers `undefined`. */
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

  /** The payload of a committed block from the first source that has it right; `undefined` = nobody. */
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
