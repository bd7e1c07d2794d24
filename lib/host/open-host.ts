import { type AwsAccess, signedFetch } from '../aws/signed-fetch.ts'
import type { Host } from './host.ts'
import { shellHost } from './shell.ts'
import { ssmHost } from './ssm.ts'
import { type StackName, stacks } from './stacks.ts'
import type { CommandLine, Stack } from './step.ts'

/** Configured access to a node's machine. */
export type HostConfig =
  | {
      readonly kind: 'shell'
      readonly stack: StackName
      /** Whether the machine has a program that restores a snapshot: `restore-execution`. */
      readonly restore?: boolean
      readonly commands?: Readonly<Record<string, CommandLine>>
    }
  | {
      readonly kind: 'ssm'
      readonly stack: StackName
      readonly restore?: boolean
      /** EC2 instance (`i-…`) or managed node (`mi-…`). */
      readonly instance: string
      /** Prefix of our documents' names. */
      readonly documents: string
      /** Absent = Baton's own region, or the AWS CLI's. */
      readonly region?: string
    }

/**
 * Opens the configured host of a node. Resolves AWS access on the first step, since most opened hosts run none; without
 * `aws`, uses the region and credentials of the environment.
 */
export function openHost(config: HostConfig, aws?: AwsAccess): Host {
  const stack = stepsOf(config)
  if (config.kind === 'shell') {
    const { commands } = config
    return shellHost({ name: config.stack, stack, ...(commands && { commands }) })
  }
  const { stack: stackName, instance, documents, region } = config
  const send = signedFetch({ service: 'ssm', region, timeoutMs: 5_000, aws })
  return ssmHost({ stackName, stack, instance, documents, send })
}

/** The steps of the node's stack; includes the snapshot restore only if the machine has the program for it. */
function stepsOf(config: HostConfig): Stack {
  const { stack, restore = config.kind === 'shell' && config.commands?.['restore-execution'] !== undefined } = config
  const { 'restore-execution': restoring, ...steps }: Stack = stacks[stack]
  return restore && restoring ? { ...steps, 'restore-execution': restoring } : steps
}
