import { type CfnResource, Stack } from 'aws-cdk-lib'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { parameterNames } from '../config/parameter-names.ts'
import { resequence } from '../operations/resequence/operation.ts'
import type { Baton } from './baton.ts'
import { HostDocuments } from './hosts.ts'
import { Operation } from './operation.ts'
import { parameterArn, storeText } from './parameters.ts'
import { permissions } from './permissions.ts'
import {
  checkResequenceSettings,
  type ResequenceSettings,
  renderResequenceSettings,
  resequenceMachines,
} from './resequence-settings.ts'

export type ResequencingProps = {
  /** The Baton that provides tables, bucket and network. */
  readonly baton: Baton
  /** The chains, each in the format of docs/resequence.md. They need no conductor and no BatonChain. */
  readonly chains: readonly ResequenceSettings[]
}

/**
 * Re-sequencing of cdk-erigon chains: its state machine, its documents, and the only commands allowed on their
 * machines.
 */
export class Resequencing extends Construct {
  readonly operation: Operation
  /** The commands allowed on the machines. Absent when Baton's `documents` is false. */
  readonly hosts: HostDocuments | undefined
  readonly #baton: Baton

  constructor(scope: Construct, id: string, { baton, chains }: ResequencingProps) {
    super(scope, id)
    this.#baton = baton
    const ids = chains.map(({ chain }) => String(chain?.id))
    const names = ids.map((chain) => parameterNames(baton.parameters, chain).resequence)
    const { environment, ...defaults } = baton.operationDefaults
    this.operation = new Operation(this, resequence.name, {
      ...defaults,
      environment: { ...environment, BATON_CHAINS: ids.join(',') },
      operation: resequence,
      handler: 'resequence',
      permissions: this.#carrying(baton, ids, names),
    })
    this.hosts = baton.hosts && new HostDocuments(this, 'Hosts', { prefix: baton.documentPrefix })
    this.hosts?.grantRun(this.operation.function)
    chains.forEach((settings, i) => {
      checkResequenceSettings(settings, `the chain ${ids[i]}`)
      const config = storeText(this, `Config${ids[i]}`, {
        parameterName: names[i] ?? '',
        description: `Baton: re-sequencing of chain ${ids[i]} (${settings.chain.name})`,
        stringValue: renderResequenceSettings(settings, baton.documentPrefix),
        what: `what re-sequencing chain ${ids[i]} goes by`,
        remedy: 'write shorter URLs, names and folders',
      })
      this.operation.function.waitFor(config.node.defaultChild as CfnResource)
      for (const machine of resequenceMachines(settings)) this.hosts?.add(machine)
    })
    baton.keepActive.add(this.operation.function)
    baton.documents?.add(this.operation)
    baton.workflowFailures.watch(this.operation.stateMachine)
  }

  /** Lets a grantee see and stop it, and start it: with approvers only by its document (`Baton.grantStart`). */
  grantOperate(grantee: IGrantable): void {
    if (this.#baton.needsApproval(this.operation)) this.operation.grantFollow(grantee)
    else this.operation.grantRun(grantee)
  }

  /** The rights of a run: its journal, its exclusive lease, and its History records. */
  #carrying({ store }: Baton, ids: readonly string[], names: readonly string[]): PolicyStatement[] {
    const chains = { list: (render: (chain: string) => string[]) => ids.flatMap(render) }
    const stack = Stack.of(this)
    return [
      permissions.holdResequence(store, chains),
      permissions.appendHistory(store, chains),
      permissions.keepJournals(store, chains),
      permissions.missObjects(store),
      new PolicyStatement({
        actions: ['ssm:GetParameter', 'ssm:GetParameters'],
        resources: names.map((name) => parameterArn(stack, name)),
      }),
    ]
  }
}
