import type { Template } from 'aws-cdk-lib/assertions'
import { expect } from 'vitest'
import { resourcesOf } from './app.ts'
import { legible } from './resolve.ts'

/** A statement of a policy, references replaced by names. */
export type Statement = {
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource: string | string[]
  readonly Condition?: Record<string, Record<string, unknown>>
}
type Document = { readonly PolicyDocument: { readonly Statement: Statement[] } }

/** One or several, as several. */
export const list = (value: string | string[]) => [value].flat()

/** Every statement of every role: those in the role itself, and those of the policies attached to it. */
export function rolesOf(template: Template): ReadonlyMap<string, readonly Statement[]> {
  const roles = new Map<string, Statement[]>()
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
    const { Policies = [], ManagedPolicyArns } = Properties as { Policies?: Document[]; ManagedPolicyArns?: unknown }
    expect(ManagedPolicyArns, `${id} has rights that AWS may widen`).toBeUndefined()
    const own = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    roles.set(id, legible(own) as Statement[])
  }
  for (const [, { Properties }] of resourcesOf(template, 'AWS::IAM::Policy')) {
    const { Roles, PolicyDocument } = Properties as Document & { Roles: { Ref: string }[] }
    for (const { Ref } of Roles) roles.get(Ref)?.push(...(legible(PolicyDocument.Statement) as Statement[]))
  }
  return new Map([...roles].map(([id, statements]) => [id.replace(/[0-9A-F]{8}$/, ''), statements]))
}

/** What a role may do, by resource; actions sorted. */
export function rightsOf(
  roles: ReadonlyMap<string, readonly Statement[]>,
  role: string,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>()
  for (const { Effect, Action, Resource } of roles.get(role) ?? []) {
    expect(Effect).toBe('Allow')
    for (const resource of list(Resource)) {
      found.set(resource, new Set([...(found.get(resource) ?? []), ...list(Action)]))
    }
  }
  return new Map([...found].map(([resource, actions]) => [resource, [...actions].toSorted()]))
}
