/** Where the runbooks are; links lead to its sections. */
export const DEFAULT_RUNBOOK = 'https://github.com/baton-conductor/baton/blob/main/docs/runbooks.md'
