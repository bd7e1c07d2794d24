import { Tracer } from '@aws-lambda-powertools/tracer'

/**
 * X-Ray traces, from the inside, of what a person sets in motion. The others do without: a trace a
 * block would cost more than the rest of the gate, a trace of two minutes of monitor says nothing,
 * and their metrics and log lines tell where the time went.
 */
export const tracer = new Tracer()
