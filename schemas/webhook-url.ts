// The URL of a webhook: which ones are let in, so that none leads into a private network (SSRF).
import { rangeOf } from './ip-address.js';
import { limits } from './limits.js';

export interface WebhookUrl {
  /** In the one spelling that is kept. */
  url: string;
  /** Without the brackets of IPv6. */
  host: string;
}

/** Names that lead to this machine or network by their meaning, whatever a server of names says. */
const OWN_NAMES = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|home\.arpa)$/;

/**
 * The URL, or why it is not taken, as a sentence. `allowed` is the one host that may lie in a
 * private network, and may be spoken to without TLS; it must be the URL's own. What a name resolves
 * to is judged again at each connection.
 * https://owasp.org/www-community/attacks/Server_Side_Request_Forgery
 */
export function readWebhookUrl(text: string, allowed?: string): WebhookUrl | string {
  if (text.length > limits.url_chars) return `url is over ${limits.url_chars} characters.`;
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(text)) {
    return 'url must be printable ASCII without spaces and backslashes.';
  }
  const [, scheme = '', authority = ''] = /^([a-z]+):\/\/([^/?#]+)/i.exec(text) ?? [];
  if (!/^https?$/i.test(scheme)) return 'url must begin with https://.';
  if (text.includes('#')) return 'url must have no fragment; leave out what follows the #.';
  if (/[@%]/.test(authority)) return 'url must name its host alone: no user, no %.';
  const url = parsed(text);
  if (url === undefined) return 'url is none.';
  // A host in other digits (0x7f.1, 2130706433) or letters is not what it seems to be.
  const written = authority.replace(/:\d*$/, '').toLowerCase();
  if (written !== url.hostname) return `url must name its host plainly, as ${url.hostname}.`;
  if (/\.$|\.\./.test(written)) return 'url must name its host without a dot at the end.';
  const host = written.replace(/^\[|\]$/g, '');
  if (allowed !== undefined && allowed !== host && allowed !== written) {
    return `allow_private names ${allowed}, but the host of the url is ${host}.`;
  }
  const fault = allowed === undefined ? faultOf(url, host) : undefined;
  return fault ?? { url: url.href, host };
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** What is not for just any host. */
function faultOf({ protocol, port }: URL, host: string): string | undefined {
  const advice = `name the host by allow_private (--allow-private ${host}) if that is meant.`;
  const range = rangeOf(host);
  if (range !== undefined && range !== 'public') {
    return `${host} lies in no public network; ${advice}`;
  }
  if (range === undefined && (!host.includes('.') || OWN_NAMES.test(host))) {
    return `${host} names a host of this machine or network; ${advice}`;
  }
  if (/(^|\.)xn--/.test(host)) return `${host} stands for letters that look like others; ${advice}`;
  if (protocol !== 'https:') return `Without TLS everybody on the way can read it; ${advice}`;
  const number = port === '' ? 443 : Number(port);
  if (number !== 443 && number < 1_024) return `Port ${number} is another service’s; ${advice}`;
  return undefined;
}
