/** What one check of `varve doctor` found. */
export interface Finding {
  readonly check: string;
  readonly state: 'good' | 'warning' | 'bad';
  readonly found: string;
  readonly advice?: string;
}
