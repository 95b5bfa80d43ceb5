// Hooks in a file of settings, as three of the runtimes keep them: groups in a list by event.
import { type Fields, fieldsOf, listOf } from '../model/reading.js';

/** The settings with one group more, behind those that are there. */
export function joinHooks(settings: Fields, event: string, group: object): Fields {
  const hooks = fieldsOf(settings.hooks);
  return { ...settings, hooks: { ...hooks, [event]: [...listOf(hooks[event]), group] } };
}

/** The settings with each of our hooks made over. */
export function eachHook(settings: Fields, change: (hook: Fields) => Fields): Fields {
  const isOurs = (hook: Fields) => JSON.stringify(hook).includes('signalbox');
  const changed = Object.entries(fieldsOf(settings.hooks)).map(([event, groups]) => {
    const made = listOf(groups).map(group => ({
      ...group,
      hooks: listOf(group.hooks).map(hook => (isOurs(hook) ? change(hook) : hook)),
    }));
    return [event, made] as const;
  });
  return { ...settings, hooks: Object.fromEntries(changed) };
}
