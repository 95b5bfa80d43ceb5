// The property list of a launchd agent, as text: every value escaped as XML wants it.
import { SERVICE_MARK, type ServicePlan } from './plan.js';

/** https://keith.github.io/xcode-man-pages/launchd.plist.5.html */
export function plistText({ label, words, env, logFile }: ServicePlan): string {
  const variables = Object.entries(env).flatMap(([name, value]) => [
    `    <key>${escaped(name)}</key>`,
    `    <string>${escaped(value)}</string>`,
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "${DTD}">`,
    '<plist version="1.0">',
    '<dict>',
    '  <key>Label</key>',
    `  <string>${escaped(label)}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...[...words, '--json', '--log-file', logFile].map(
      word => `    <string>${escaped(word)}</string>`,
    ),
    '  </array>',
    '  <key>EnvironmentVariables</key>',
    '  <dict>',
    ...variables,
    '  </dict>',
    '  <key>RunAtLoad</key>',
    '  <true/>',
    '  <key>KeepAlive</key>',
    '  <dict>',
    '    <key>SuccessfulExit</key>',
    '    <false/>',
    '  </dict>',
    '  <key>ThrottleInterval</key>',
    '  <integer>10</integer>',
    '  <key>ExitTimeOut</key>',
    '  <integer>30</integer>',
    '  <key>Umask</key>',
    '  <integer>63</integer>',
    '  <key>StandardErrorPath</key>',
    `  <string>${escaped(logFile)}</string>`,
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

const DTD = 'http://www.apple.com/DTDs/PropertyList-1.0.dtd';

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A comment that is ours, with a digest of all that stands around it. */
export function plistMark(digest: string, made: number): string {
  return `<!-- ${SERVICE_MARK} ${digest} ${made} -->`;
}
