/**
 * Make an element.
 * @param {string} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function element(tag, className = '', text = undefined) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * Make a button.
 * @param {string} className
 * @param {string} text
 * @param {(button: HTMLButtonElement) => void} run what pressing it does
 * @returns {HTMLButtonElement}
 */
export function button(className, text, run) {
  const made = element('button', className, text);
  made.type = 'button';
  made.addEventListener('click', () => run(made));
  return made;
}
