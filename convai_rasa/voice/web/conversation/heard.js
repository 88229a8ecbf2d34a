/** Which words of a reply were heard before it was interrupted. */

const MS_PER_LETTER = 65; // of speech at its usual pace, for a reply whose length is not known yet

/** @param {string} text @returns {string[]} */
function wordsOf(text) {
  return text.match(/\S+/g) ?? [];
}

/**
 * Cut what is shown after the last word that was heard. What is spoken may differ from what is shown ("$5", "five
 * dollars"); then the share of the spoken words counts.
 *
 * @param {string} shown the reply as it stands on the page
 * @param {string} heard the words of the spoken reply that were heard
 * @param {string} [spoken] the reply as it is spoken
 * @returns {[string, string]} heard and unheard; together they are `shown`
 */
export function splitHeard(shown, heard, spoken = shown) {
  const ends = [...shown.matchAll(/\S+/g)].map((word) => word.index + word[0].length);
  const shownWords = wordsOf(shown);
  const heardWords = wordsOf(heard);
  const verbatim = heardWords.every((word, i) => word === shownWords[i]);
  const share = Math.min(1, heardWords.length / Math.max(1, wordsOf(spoken).length));
  const count = verbatim ? heardWords.length : Math.round(share * ends.length);
  const cut = count === 0 ? 0 : ends[count - 1];
  return [shown.slice(0, cut), shown.slice(cut)];
}

/**
 * The words spoken up to a moment, in proportion to their letters, as the server reckons.
 *
 * @param {string} spoken the reply as it is spoken
 * @param {number} playedMs how much of its sound was heard
 * @param {number} [lengthMs] how long it is, if that is known
 * @returns {string}
 */
export function heardUntil(spoken, playedMs, lengthMs) {
  const words = wordsOf(spoken);
  const text = words.join(' ');
  const letters = text.length * playedMs / (lengthMs || Math.max(playedMs, MS_PER_LETTER * text.length) || 1);
  let end = -1; // of the word, counted in letters
  return words.filter((word) => (end += word.length + 1) <= letters).join(' ');
}
