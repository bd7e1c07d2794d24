import { Lazy } from 'aws-cdk-lib'

/**
 * The most chains and nodes of one Baton: a role's inline policies hold 10,240 characters, and each lists its chains
 * (and the secrets of their nodes) one by one.
 */
export const MOST = { chains: 10, nodes: 40 } as const

/** The chains of one Baton. Chains may be added after the functions and policies that list them. */
export class ChainRegistry {
  readonly #nodes = new Map<string, readonly string[]>()

  /** Adds a chain with the names of its nodes. */
  add(chain: string, nodes: readonly string[]): void {
    if (this.#nodes.has(chain)) throw new Error(`chain ${chain} is placed twice; give each chain one BatonChain`)
    this.#nodes.set(chain, nodes)
    const count = [...this.#nodes.values()].flat().length
    if (this.#nodes.size <= MOST.chains && count <= MOST.nodes) return
    const most = `at most ${MOST.chains} chains with ${MOST.nodes} nodes in all`
    throw new Error(`a Baton serves ${most}: its roles can name no more. Give chain ${chain} a Baton of another name`)
  }

  get size(): number {
    return this.#nodes.size
  }

  /** All chain ids in one string, resolved at the end of synthesis. */
  joined(): string {
    return Lazy.string({ produce: () => [...this.#nodes.keys()].join(',') })
  }

  /** A list rendered from each chain, resolved at the end of synthesis. */
  list(render: (chain: string, nodes: readonly string[]) => string[]): string[] {
    return Lazy.list({ produce: () => [...this.#nodes].flatMap(([chain, nodes]) => render(chain, nodes)) })
  }

  /** A number derived from the number of chains. */
  count(render: (chains: number) => number): number {
    return Lazy.number({ produce: () => render(this.#nodes.size) })
  }
}
