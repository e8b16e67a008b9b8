/** Tells a touch screen from a mouse. */

/** Whether there is a keyboard on the screen that the focus of a field would open. */
export function isTouch(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}
