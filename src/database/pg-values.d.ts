/** What the driver's own queries use to write a value for the wire; its types leave it out. */
declare module 'pg/lib/utils.js' {
  const values: { prepareValue(value: unknown): Buffer | string | null };
  export default values;
}
