import type { ChainPorts } from '../context/ports.ts'
import { TermChangedError } from '../operations/engine/errors.ts'

/**
 * Restricts ports to lease changes in this term: every read checks it, and every write of an operator is conditional on
 * the term that was read.
 *
 * @throws TermChangedError (from the acts) when the term differs.
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
