import { ConfigurationError, type ConfigurationProblem } from '../config/error.ts'
import { parseResequenceConfig } from '../operations/resequence/config.ts'

/** A re-sequenceable cdk-erigon chain, in the format of docs/resequence.md without `store`. */
export type ResequenceSettings = {
  readonly chain: { readonly id: number; readonly name: string; readonly erigon: string }
  readonly sequencer: { readonly rpc: string; readonly host: ResequenceHost; readonly onlySmtV2?: boolean }
  /** The machine that sends batches and proofs to L1; absent = the sequencer's machine. */
  readonly l1Clients?: { readonly host: ResequenceHost }
  readonly [field: string]: unknown
}

/** A machine that runs documents of this deployment. */
export type ResequenceHost = { readonly kind: 'ssm'; readonly stack: 'cdk-erigon'; readonly instance: string }

/**
 * Validates the settings of a chain before deployment, by the rules that the function applies when it reads them and
 * those that only a deployment has.
 *
 * @throws ConfigurationError naming every invalid field and its expected value.
 */
export function checkResequenceSettings(settings: ResequenceSettings, source: string): void {
  const problems = [
    ...('store' in settings ? [{ path: 'store', problem: 'is not chosen here', write: 'nothing' }] : []),
    ...hostProblems('sequencer.host', settings.sequencer?.host),
    ...(settings.l1Clients ? hostProblems('l1Clients.host', settings.l1Clients.host) : []),
  ]
  if (problems.length > 0) throw new ConfigurationError(source, problems)
  parseResequenceConfig({ ...settings, store: { objects: { kind: 's3', bucket: 'placeholder' } } }, source)
}

/** The value of the chain's parameter; `documents` is this deployment's document prefix. */
export function renderResequenceSettings(settings: ResequenceSettings, documents: string): string {
  const { sequencer, l1Clients, ...rest } = settings
  const placed = <T extends { readonly host: ResequenceHost }>(on: T) => ({ ...on, host: { ...on.host, documents } })
  return JSON.stringify({
    ...rest,
    sequencer: placed(sequencer),
    ...(l1Clients && { l1Clients: placed(l1Clients) }),
  })
}

/** The machines that run steps of this chain. */
export function resequenceMachines({ sequencer, l1Clients }: ResequenceSettings): readonly ResequenceHost[] {
  return [sequencer.host, ...(l1Clients ? [l1Clients.host] : [])]
}

/**
 * Rejects shells and foreign documents: a function has no shell on a machine and may run this deployment's documents
 * only.
 */
function hostProblems(path: string, host: Partial<ResequenceHost> | undefined): ConfigurationProblem[] {
  const { kind, stack, instance, ...more } = host ?? {}
  const right = kind === 'ssm' && stack === 'cdk-erigon' && instance !== undefined && Object.keys(more).length === 0
  const write = '{"kind": "ssm", "stack": "cdk-erigon", "instance": "i-…"}: its steps are documents of this deployment'
  return right ? [] : [{ path, problem: 'is not a machine of a deployed chain', write }]
}
