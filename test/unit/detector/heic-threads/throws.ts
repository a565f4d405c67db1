throw new Error('as a thread does whose library is missing');
