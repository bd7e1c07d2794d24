import { BatonError } from '../errors.ts'
import type { ActName } from '../operator/act-names.ts'

/** An act that this deployment does only after an approval; nothing was changed. */
export class ApprovalNeededError extends BatonError {
  override readonly name = 'ApprovalNeededError'
  override readonly code = 'approval-needed'
}

/**
 * What moves sequencing, by the way that an approval can be asked for. With approvers the act function refuses these
 * from every caller: it cannot distinguish a button from another request.
 */
const remedies: Partial<Record<ActName, (documents: string) => string>> = {
  switchover: (documents) =>
    `Start ${documents}-Switchover in Systems Manager, Automation: it asks the approvers of this Baton first.`,
  adopt: () => 'Run baton adopt with the rights on the tables that docs/install.md lists.',
}

type Asked = { readonly act: ActName; readonly force?: boolean | undefined }

/** Whether an act is refused in a deployment with approvers. */
export const needsApproval = ({ act, force }: Asked): boolean => act in remedies || force === true

/**
 * Refuses an act that needs an approval. `documents` is the prefix of the documents that ask for one; absent = nothing
 * needs one.
 *
 * @throws ApprovalNeededError
 */
export function checkApproval(asked: Asked, documents: string | undefined): void {
  if (documents === undefined || !needsApproval(asked)) return
  const { act, force } = asked
  const what = act in remedies ? act : `${act} by force`
  const remedy = remedies[act]?.(documents) ?? 'Leave force out.'
  throw new ApprovalNeededError({ message: `${what} needs an approval here${force ? ', forced or not' : ''}`, remedy })
}
