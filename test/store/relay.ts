import { connect, createServer } from 'node:net'

/** Runs inside the referee's network: a unix socket that leads to a port there. */
const [socket, port] = process.argv.slice(2)

createServer((client) => {
  const upstream = connect(Number(port), '127.0.0.1')
  client.pipe(upstream).pipe(client)
  client.on('error', () => upstream.destroy())
  upstream.on('error', () => client.destroy())
}).listen(socket)
