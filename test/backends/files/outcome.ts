/** What an attempt at a store came to, as its process prints it. */
export interface Attempt {
  readonly refusal?: Refusal;
  readonly sent?: number;
  readonly lost?: number;
  readonly goesOn?: boolean;
}

export interface Refusal {
  /** `none`: not one of our errors. */
  readonly kind: string;
  readonly happened: string;
  readonly text: string;
  readonly hint?: string;
  readonly about?: string;
}
