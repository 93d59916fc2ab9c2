/** Reaching anything but itself. */
import type { Probe } from '../probe.ts'

export const NETWORK: readonly Probe[] = [
  {
    name: 'a service on the host’s loopback',
    flags: ['NetworkMode'],
    attempt: `socket.create_connection(('127.0.0.1', int(os.environ['HOST_PORT'])), 3).close()`,
  },
  {
    name: 'an answer by UDP, as from a name server',
    flags: ['NetworkMode'],
    attempt: `
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(2)
client.connect(('127.0.0.1', int(os.environ['HOST_UDP_PORT'])))
client.send(b'example.org')
client.recv(64)`,
  },
  {
    name: 'an abstract Unix socket of the host',
    flags: ['NetworkMode'],
    attempt: `socket.socket(socket.AF_UNIX).connect('\\0' + os.environ['HOST_ABSTRACT'])`,
  },
  {
    name: 'a way to the cloud’s metadata address',
    flags: ['NetworkMode'],
    absentOn: ['ENETUNREACH'],
    attempt: `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('169.254.169.254', 80))`,
  },
  {
    name: 'a way to the Internet',
    flags: ['NetworkMode'],
    absentOn: ['ENETUNREACH'],
    attempt: `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('1.1.1.1', 53))`,
  },
  {
    name: 'a network interface beside loopback',
    flags: ['NetworkMode'],
    attempt: `
names = [line.split(':')[0].strip() for line in read('/proc/net/dev').decode().split('\\n')[2:] if line]
must(set(names) - {'lo'}, 'only lo')`,
  },
  {
    name: 'a raw socket',
    flags: ['CapDrop', 'User'],
    attempt: `socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)`,
  },
  {
    name: 'a packet socket',
    flags: ['SeccompProfile', 'CapDrop', 'User'],
    attempt: `socket.socket(17, socket.SOCK_RAW, 0)`,
  },
  {
    name: 'a packet socket in an own user namespace',
    flags: ['SeccompProfile'],
    attempt: `shell('unshare -Urn python3 -c "import socket; socket.socket(17, 3, 0)"')`,
  },
]
