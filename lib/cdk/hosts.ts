import { Lazy, Stack } from 'aws-cdk-lib'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { CfnDocument } from 'aws-cdk-lib/aws-ssm'
import { Construct } from 'constructs'
import { type StackName, stacks } from '../host/stacks.ts'
import { commandDocument, documentName } from '../host/step.ts'
import { createDocument } from './ssm-document.ts'

/** A node's machine and its client stack. */
export type Machine = {
  readonly stack: StackName
  /** EC2 instance (`i-…`) or managed node (`mi-…`). */
  readonly instance: string
}

export type HostDocumentsProps = {
  /** Prefix of the documents' names, e.g. `Baton-prod`. */
  readonly prefix: string
}

type Runner = { readonly grantee: IGrantable; readonly steps: readonly string[] }

/**
 * The commands allowed on the nodes' machines: one Command document with fixed command lines for each step of each
 * client stack. Its grantees can run nothing else there.
 */
export class HostDocuments extends Construct {
  readonly prefix: string
  readonly #documents = new Map<string, { readonly step: string; readonly document: CfnDocument }>()
  readonly #instances = new Set<string>()
  readonly #runners: Runner[] = []

  constructor(scope: Construct, id: string, { prefix }: HostDocumentsProps) {
    super(scope, id)
    this.prefix = prefix
  }

  /** Adds a machine, and the documents of its client stack unless they exist. */
  add({ stack, instance }: Machine): void {
    if (this.#instances.size === 0) for (const runner of this.#runners) this.#allow(runner)
    this.#instances.add(instance)
    for (const [step, prepared] of Object.entries(stacks[stack])) {
      const id = `${stack}-${step}`
      if (this.#documents.has(id)) continue
      const document = createDocument(this, id, {
        name: documentName(this.prefix, stack, step),
        content: commandDocument(prepared),
        documentType: 'Command',
        targetType: '/',
      })
      this.#documents.set(id, { step, document })
    }
  }

  /** Lets a grantee run all or the named steps on the machines; grants nothing while there are no machines. */
  grantRun(grantee: IGrantable, ...steps: readonly string[]): void {
    const runner = { grantee, steps }
    this.#runners.push(runner)
    if (this.#instances.size > 0) this.#allow(runner)
  }

  #allow({ grantee, steps }: Runner): void {
    const ours = () =>
      [...this.#documents.values()]
        .filter(({ step }) => steps.length === 0 || steps.includes(step))
        .map(({ document }) => this.#arn('ssm', 'document', document.ref))
    const machines = () =>
      [...this.#instances].map((id) =>
        id.startsWith('mi-') ? this.#arn('ssm', 'managed-instance', id) : this.#arn('ec2', 'instance', id),
      )
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['ssm:SendCommand'],
        resources: Lazy.list({ produce: () => [...ours(), ...machines()] }),
      }),
    )
    // A command is known only by its id, and only to its sender; IAM has no resource for it.
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['ssm:GetCommandInvocation'], resources: ['*'] }),
    )
  }

  #arn(service: string, resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({ service, resource, resourceName })
  }
}
