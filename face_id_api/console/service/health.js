// @ts-check

/** @typedef {import('../replies.d.ts').Readiness} Readiness */

const calmMs = 30_000;
const troubledMs = 4000;

/**
 * Asks `/readyz` while the page is looked at, more often while something is missing.
 * @param {(readiness: Readiness | null) => void} onChange null: the service does not answer
 */
export function watchHealth(onChange) {
  let timer = 0;
  let before = '';

  async function look() {
    clearTimeout(timer);
    const readiness = await ask();
    const seen = JSON.stringify(readiness);
    if (seen !== before) onChange(readiness);
    before = seen;
    if (!document.hidden) timer = window.setTimeout(look, readiness?.status === 'ready' ? calmMs : troubledMs);
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) look();
  });
  for (const type of ['online', 'offline']) window.addEventListener(type, look);
  look();
}

/** @returns {Promise<Readiness | null>} */
async function ask() {
  try {
    const reply = await fetch(new URL('readyz', document.baseURI), { cache: 'no-store' });
    const body = await reply.json();
    return typeof body?.status === 'string' && typeof body.checks === 'object' ? body : null;
  } catch {
    return null;
  }
}
