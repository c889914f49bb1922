/** The SIREN whose first eight digits are this number: the same one each time, with a valid check digit. */
export function sirenOf(number: number): string {
  const digits = String(30_000_000 + number).slice(0, 8);
  const sum = [...digits].reduce((total, digit, index) => {
    const doubled = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
