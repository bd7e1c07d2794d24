/** What to do after a failure that only the backup leads back from. */
export const RESTORE =
  'Never start it again in place: blocks would be lost. Go back with "baton resequence --restore", look for the cause, begin anew.'
