import { RefusedActError } from '../monitor/operate/errors.ts'
import { hold, pause, resume, setQuarantine } from '../monitor/operate/modes.ts'
import { switchover } from '../monitor/operate/switchover.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import type { Acts } from '../page/acts.ts'
import type { Faults } from './faults.ts'
import { type ProcedureParts, pageProcedures } from './page-procedures.ts'

/** What the acts of a page work with; faults are for simulated nodes. */
export type ActsParts = ProcedureParts & { readonly faults: Faults | undefined }

/** The acts of the local page, on the chain itself. */
export function pageActs({ ports, operator, runner, faults }: ActsParts): Acts {
  return {
    pause: async () => `paused by ${(await pause(ports, operator)).modeBy}`,
    resume: async () => `resumed by ${(await resume(ports, operator)).modeBy}`,
    hold: async () => `pinned to ${(await hold(ports, operator)).holder}`,
    switchover: async ({ to }) => {
      await switchover(ports, { by: operator, ...(to !== undefined && { to }) })
      return `switchover to ${to ?? 'the best standby'} asked for`
    },
    quarantine: async ({ node }) => {
      await setQuarantine(ports, known(ports, node), 'taken out on the page', operator)
      return `${node} is out of eligibility`
    },
    release: async ({ node }) => {
      await setQuarantine(ports, known(ports, node), undefined, operator)
      return `${node} is put back`
    },
    ...(faults && { fault: ({ node, kind }) => faults.apply(node, kind) }),
    procedures: pageProcedures({ ports, operator, runner }),
  }
}

function known({ nodes }: ChainPorts, node: string): string {
  if (nodes.some(({ name }) => name === node)) return node
  const names = nodes.map(({ name }) => name).join(', ')
  throw new RefusedActError(`no node "${node}" is configured`, `name one of ${names}`)
}
