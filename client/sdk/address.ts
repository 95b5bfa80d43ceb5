// The addresses of a broker: people give one URL, sockets and posts need their own.
/** The address of the socket: `http` becomes `ws`, an empty path becomes `/ws`. */
export function socketUrl(url: string): string {
  return at(url, 'ws');
}

/** The address of the post: `ws` becomes `http`, the path becomes `/rpc`. */
export function rpcUrl(url: string): string {
  return at(url, 'rpc');
}

/** Where a broker says that it lives. */
export function livezUrl(url: string): string {
  return at(url, 'livez');
}

function at(url: string, door: 'ws' | 'rpc' | 'livez'): string {
  const parsed = new URL(url);
  const secure = parsed.protocol === 'https:' || parsed.protocol === 'wss:';
  parsed.protocol = (door === 'ws' ? 'ws' : 'http') + (secure ? 's:' : ':');
  parsed.pathname = `${parsed.pathname.replace(/\/(ws|rpc)?$/, '')}/${door}`;
  return parsed.href;
}
