import type { ChainPorts } from '../context/ports.ts'
import { TermChangedError } from '../operations/engine/errors.ts'

/**
 * Ports through which a lease can only be changed in this term: every read checks it, and every
 * write an operator can ask for is conditional on the term that was read.
 *
 * @throws TermChangedError (from the acts) when the term is another one.
 */
export function expectTerm(ports: ChainPorts, term: number | undefined): ChainPorts {
  if (term === undefined) return ports
  const { leases } = ports
  return {
    ...ports,
    leases: {
      ...leases,
      async read(chain) {
        const lease = await leases.read(chain)
        if (lease && lease.term !== term) throw new TermChangedError(term, lease.term)
        return lease
      },
    },
  }
}
