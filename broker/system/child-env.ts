// What a child process may know of our environment: what it needs to run, and no secret of ours.
type Env = Readonly<NodeJS.ProcessEnv>;

/** What any program may need to be found, to speak its language and to keep its files. */
const PLAIN = /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TMP|TEMP|TZ|LANG|LANGUAGE|LC_\w+|XDG_\w+)$/i;
/** What Windows programs do not start without. */
const WINDOWS = /^(SystemRoot|windir|ComSpec|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE)$/i;

/** How the network is reached from here, for a child that fetches. */
export const NETWORK =
  /^((https?|all|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|npm_config_.*|NPM_\w+)$/i;

/** For `gh`: where it keeps its login, which the keyring of the desktop may hold. */
export const LOGIN = /^(GH_CONFIG_DIR|GH_HOST|DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY)$/;

/** The plain variables of `env`, and those that one of the `more` lets through. */
export function childEnv(env: Env, ...more: RegExp[]): NodeJS.ProcessEnv {
  const allowed = [PLAIN, WINDOWS, ...more];
  const kept = Object.entries(env).filter(([name]) => allowed.some(rule => rule.test(name)));
  return Object.fromEntries(kept);
}
