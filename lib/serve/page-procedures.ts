import type { BackfillPorts } from '../operations/backfill/ports.ts'
import { planFill, runFill } from '../operations/backfill/procedure.ts'
import { planRecover, runRecover } from '../operations/crash-recovery/run.ts'
import { disasterActs } from '../operations/disaster/acts.ts'
import { actOf } from '../operations/disaster/document.ts'
import { planAct, runDisaster } from '../operations/disaster/run.ts'
import type { Observer, Report } from '../operations/engine/procedure.ts'
import { planUpgrade, runUpgrade } from '../operations/upgrade/run.ts'
import { isConfirmed, type Planning, type Procedures, type Starting } from '../page/procedures.ts'
import type { Runner } from './background-job.ts'

/**
 * A watched procedure runs for minutes and is answered at once; one confirmed by a hash is answered when it is done.
 */
const WAIT_MS = { watched: 300, confirmed: 10_000 }

/** What the procedures of a page work with; `operator` is the actor in the history. */
export type ProcedureParts = { readonly ports: BackfillPorts; readonly operator: string; readonly runner: Runner }

/** The procedures of the local page: those of the CLI, in the background of this process. */
export function pageProcedures({ ports, operator, runner }: ProcedureParts): Procedures {
  const hostless = ports.nodes.map(({ name }) => name).filter((name) => !ports.host?.(name))
  const needsHost = `no host access configured for ${hostless.join(', ')}: add nodes[].host (docs/install.md, "Steps on the nodes' machines")`
  return {
    plan: async (asked) => {
      const { text: words, blocked: held = false } = await planOf(asked)
      return { words, held }
    },
    start(asked) {
      const waitMs = isConfirmed(asked.procedure) ? WAIT_MS.confirmed : WAIT_MS.watched
      return runner.start({ title: titleOf(asked), by: operator, waitMs }, (watching) => runOf(asked, watching))
    },
    stop: () => runner.stop(operator),
    dismiss: () => runner.dismiss(),
    run: () => runner.current(),
    unavailable: hostless.length > 0 ? { upgrade: needsHost } : {},
  }

  function planOf(asked: Planning): Promise<Report> {
    switch (asked.procedure) {
      case 'upgrade':
        return planUpgrade(ports, asked)
      case 'recover':
        return planRecover(ports, asked)
      case 'backfill':
        return planFill(ports, asked)
      default:
        return planAct(ports, asked.procedure)
    }
  }

  function runOf(asked: Starting, watching: Observer): Promise<Report> {
    switch (asked.procedure) {
      case 'upgrade':
        return runUpgrade(ports, asked, watching)
      case 'recover':
        return runRecover(ports, asked, watching)
      case 'backfill':
        return runFill(ports, asked, watching)
      default:
        return runDisaster(ports, actOf({ node: undefined, kind: asked.procedure, ...asked }), operator, watching.say)
    }
  }
}

function titleOf(asked: Starting): string {
  switch (asked.procedure) {
    case 'upgrade':
      return `Rolling upgrade to ${asked.to}`
    case 'recover':
      return `Recovery of ${asked.node}`
    case 'backfill':
      return `Backfill of ${asked.node}`
    default:
      return [disasterActs[asked.procedure].label, ...('node' in asked ? [asked.node] : [])].join(': ')
  }
}
