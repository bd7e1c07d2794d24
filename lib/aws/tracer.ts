import { Tracer } from '@aws-lambda-powertools/tracer'

/**
 * X-Ray traces of what a person sets in motion. The functions on the commit path and the loops are
 * not traced from inside: a trace a block would cost more than all the rest of them, and their
 * metrics tell as much.
 */
export const tracer = new Tracer()
