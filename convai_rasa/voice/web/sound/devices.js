/** Microphones and loudspeakers to choose from. */

/**
 * The devices of a kind by id; browsers tell their names once the microphone was allowed.
 * @param {'audioinput' | 'audiooutput'} kind
 * @returns {Promise<{id: string, label: string}[]>} without the system's own choice; none where none is named yet
 */
export async function devices(kind) {
  const all = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
  return all
    .filter((device) => device.kind === kind && !['', 'default', 'communications'].includes(device.deviceId))
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

/** @param {() => void} run whenever a device comes or goes */
export function watchDevices(run) {
  navigator.mediaDevices?.addEventListener?.('devicechange', run);
}
