import { Lazy, Token } from 'aws-cdk-lib'
import { packConfigurations } from '../config/packed.ts'

/** A function's variables hold 4,096 bytes; the others of Baton take about a thousand. */
const MOST_BYTES = 2_800

/**
 * The configurations of the chains, as a variable of the functions in the VPC: they need no route to Systems Manager,
 * which would cost more there than the rest of a chain. Without it they read the chains' parameters.
 */
export class ChainConfigurations {
  readonly #byChain = new Map<string, string>()

  /** Adds a chain's configuration; returns whether the variable can still hold all. */
  add(chain: string, json: string): boolean {
    this.#byChain.set(chain, json)
    return this.#pack() !== undefined
  }

  /** The variable, resolved at the end of synthesis; left out if there is none. */
  get variable(): { readonly BATON_CONFIGURATIONS: string } {
    return { BATON_CONFIGURATIONS: Lazy.string({ produce: () => this.#pack() }) }
  }

  #pack(): string | undefined {
    const known = [...this.#byChain.values()].every((json) => !Token.isUnresolved(json))
    if (!known || this.#byChain.size === 0) return undefined
    const packed = packConfigurations(Object.fromEntries(this.#byChain))
    return packed.length <= MOST_BYTES ? packed : undefined
  }
}
