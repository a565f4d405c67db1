/** The places of a line: who arrived first is answered first. */
export type AnswerOrder = {
  /** Takes the next place. What is returned answers by `settle` as soon as every place before has been answered; to be called once. */
  arrive(): (settle: () => void) => void;
};

export function createAnswerOrder(): AnswerOrder {
  const line: { settle?: () => void }[] = [];
  return {
    arrive() {
      const place: { settle?: () => void } = {};
      line.push(place);
      return settle => {
        place.settle = settle;
        while (line[0]?.settle !== undefined) line.shift()?.settle?.();
      };
    },
  };
}
