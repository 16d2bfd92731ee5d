/** Files made by the programs xz (5.4) and lz4 (1.9), with what was packed in them. Only tests read this. */

const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, "base64"));

export const TEXT = new TextEncoder().encode(
  Array.from({ length: 400 }, (_, i) => `virtqueue ${i} kicked by vcpu ${i % 16}\n`).join(""),
);

/** Looks like code to the x86 filter: calls to one address from many places, and lone E8 and E9 bytes between them. */
export const CODE = Uint8Array.from(
  Array.from({ length: 300 }, (_, i) => {
    const offset = 0x1000 - (i * 12 + 8);
    const target = [offset, offset >> 8, offset >> 16, offset >> 24];
    return [0x55, 0x89, 0xe5, 0xe8, ...target, i * 7, 0xc3, 0xe9, i % 5 === 0 ? 0xe8 : 0x90].map((byte) => byte & 0xff);
  }).flat(),
);

export const PACKED = {
  /** `xz --check=crc32 --x86 --lzma2=dict=64KiB` of CODE. */
  x86: bytes(
    "/Td6WFoAAAFpIt42AgEEACEBCADSuXTL4A4PAVddACqiWK6AAEHf2Mx1gkfsBqv/d1K5kt5Dk1C0Ma4+K4254yWJzUOvPpsxCD8f" +
      "Z+f1gNHahRZw1fONZJWqV/9XG/xBDhlgNEViJ6usGR6ZXupviFy/GVrcEk4bHsasyZZp+t7KjNJXE1WHJkZz8x665DkL3UGQoo2E" +
      "lkyR4JKt4knR2iWuiwYRsTFjWKPBzgieJgFF5C+DkTcOv43lKR/jg5GgH/IsXPqbz9JRciUyyQfBlesDwz9BUFWWLxUMw/e/r2ps" +
      "asqJMfuvktLI5W9LMWkqMQl32/JaC25DS/BZIdryDuu75XhLZekjbBOzAZrkaIhyLtP4iSVJweqsPwNHBf3bLTmp93qJDmHcLx2T" +
      "kbj+ooeWcZorovR5hmMxIoNIRvD3vL50fYeKor7EmuMKcBM6ZrsSaYHKmRARf/dL4KtD3BWSBj1J81n4J26t/I0VEgVf8FJJKAAA" +
      "AGILgCkAAe8CkBwAAFqV+/Y+MA2LAgAAAAABWVo=",
  ),
  /** `xz` of TEXT. */
  crc64: bytes(
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4DCXAwpdADsaSqwhkU03ufTF56fehyY6w5zZaW0dcuc465yvOokyAAbY24b/dDR5VdVY" +
      "Vkt6ioLXpmQQanj7uin/xbC4wqoBt3t6k1wK+PRXwj7hcyqbIwz6jsuG42W+CJ2KJCaITxwl16Rbzcoz34aCGA/xEIQSxVWc1DJC" +
      "N9SX0yP/ByssSM57N95I9bHVf+HZcXf17Y5TOODNdipxtn26EF78VUfc7Wnv5Dy3UvqxPb9JixlOCkjEXKMJOuy7vyBubCosNgAG" +
      "WivH9wn0JvObLHjg5iewAMgoTM8PqRCC8t259VpR4UuWUH6mczCuAExzULLz730nFCG66Slyv1JLOGekDN7FpCKo1TOXnfpbRlsO" +
      "O0RG3DZLIwz/rRz57FOiYMvSElrrqKqAb/X0I29LSCCtkyLfgFFtY0VK/fExUgbS2Ms2kzg4xxsP0OkP+E0FiaGnqlyMiK7RLf4S" +
      "sRgWza60aHax2v3nQICTAc1AC3qfjZbAPHLuHVSC2TTwOxjj7yCBOcP2sTwpRHxjarc/h3pefYSPAEJmkIz31H2cZlmvQQ9MWEct" +
      "C2fCXnhUUZ0Yte0byRdkTHn/VW6yEgDgtSL8940GD7sqj8N7K/ZdtKtuqqiQSqMYwlz7KL4iX2cr1PB7d3ds7jdG/f6fXPJ/L+iE" +
      "kaiV2aFHA4rNfk2pg/Iarbg6kXAm7+nzPFYkNZrV88XS3A/id6SRam2Pv9xZzUTc0ZmNcUvMBPbz/LonfubyMcYqgH4eEjQQupZ7" +
      "kw6LNuBfcGHXZ6mAO4T73tkcPYDBpF0qQVzEIAm9wgKnIx9HjySdGFG0jlAwCq6pr5fWQy1Ictt8o5kzN88QzHBOL4LFznuIDSMw" +
      "02O3qGk2sQhE0o7fCP5pOUKiM8Bdg3YYY0NXXSW/o/rITlJJu11tDDca+Ith9M0nbEglqT7+Kz2rH2rGVXNzafsaXiG18JC4oJaP" +
      "zKCtlkfbdjSaNIwjmbG/6xXXfr33wN+kc1zPkKtqvgEsKFw/SUS1sVPZMEfCvPzQZ6+Ox2+zigmSVgAAAAApAAFrLVb5IAABpgaY" +
      "YQAA0ruxsrHEZ/sCAAAAAARZWg==",
  ),
  /** `xz --check=none --block-size=4096` of TEXT. */
  blocks: bytes(
    "/Td6WFoAAAD/EtlBAgAhARYAAAB0L+Wj4A//AXtdADsaSqwhkU03ufTF56fehyY6w5zZaW0dcuc465yvOokyAAbY24b/dDR5VdVY" +
      "Vkt6ioLXpmQQanj7uin/xbC4wqoBt3t6k1wK+PRXwj7hcyqbIwz6jsuG42W+CJ2KJCaITxwl16Rbzcoz34aCGA/xEIQSxVWc1DJC" +
      "N9SX0yP/ByssSM57N95I9bHVf+HZcXf17Y5TOODNdipxtn26EF78VUfc7Wnv5Dy3UvqxPb9JixlOCkjEXKMJOuy7vyBubCosNgAG" +
      "WivH9wn0JvObLHjg5iewAMgoTM8PqRCC8t259VpR4UuWUH6mczCuAExzULLz730nFCG66Slyv1JLOGekDN7FpCKo1TOXnfpbRlsO" +
      "O0RG3DZLIwz/rRz57FOiYMvSElrrqKqAb/X0I29LSCCtkyLfgFFtY0VK/fExUgbS2Ms2kzg4xxsP0OkP+E0FiaGnqlyMiK7RLf4S" +
      "sRgWza60aHax2v3nQICTAc1AC3qfjZbAPHLuHVSCg597UuAAAAIAIQEWAAAAdC/lo+AP/wEwXQA4nUjX9MIJFYJpO+TVCBoapq6U" +
      "J9UMlsVAeIh9V1uWC5DJDcFJ0Qy26xL8mZstBNuvi+0YQXtGyNHzBDHiyp8/Eq+tljEcC5CJVCXo08zEyZqlXzbJYxFe30ulnbKv" +
      "af8P04Wn5ikZ0ak2vIbeGzYm0WQNQTGtvzL+oRi8mJ0BPR9x/wsKYST3JtEHwT5WxZ3sa7BJ/CSS7KDgRnd07Dm7HRDh3aZvgiFl" +
      "ZZ82kmmdj9Zl8mDwBvi3VfMcFjibY7wTUGxS4UoLb1Eoy6QH0zAROZTmQRBgNV5bHpxYvF/fq93lB5MV1nUgEm8z19YuRjXTzk+x" +
      "6gtN17VKRI/uQhoJ25eU/t6kbS7HdScvt7SjyjbOEXNcpzw0Br8RsYC1ORe4sQ7gsselWjKGaJ40m8IAAAIAIQEWAAAAdC/lo+AP" +
      "/wEyXQA8iArGdEoagA5tJ3nfA1xOQ/tZZQkGTRvOxO8XACLz7Tk7/pLkNSc3AMz7QVNgfMKMHgaNElJnfaBY+z+wioCDSGlfugiG" +
      "ikCFTwy6dZlJhBcWpNAMF8cpYXEZN5uOFbVNsOsw6sAVpF9c1dOJgSPnPzZdMkJTLvAU4k6N5Xy8lltPoDObthn1y7rtYK78Hdy6" +
      "W85tVyA1C1MAaQR1V7hJGIEohLVF4eHugfUHSKUN5ZB8JtK4i0+MMkYfu25MMU65PPECUBxg13NTYzHMT9JUgPYg4iTyXw20bAcT" +
      "U+el2PjoFsvumpmlWMCzoe3QUIrojcYDOJmVZH8SzRdMGGBFfDSdLJmQGK/YpcHAPRM2IT27rSjqlvYSlluqTyYR4qQ5Ehh6PFQU" +
      "U2/BQIDub7XIYAAAAAACACEBFgAAAHQv5aPgAJcAN10AMogCY8hXioqHSbKb8QjzylAIj9R4WucQtALYAYJLMiS5ejj5K42x59I1" +
      "RiV1DybcldMc7YVYwAAAAASPA4AgxAKAIMYCgCBLmAEAAAAhhe6fEDAP4QUAAAAAAFla",
  ),
  /** `xz --format=lzma` of TEXT. */
  alone: bytes(
    "XQAAgAD//////////wA7GkqsIZFNN7n0xeen3ocmOsOc2WltHXLnOOucrzqJMgAG2NuG/3Q0eVXVWFZLeoqC16ZkEGp4+7op/8Ww" +
      "uMKqAbd7epNcCvj0V8I+4XMqmyMM+o7LhuNlvgidiiQmiE8cJdekW83KM9+GghgP8RCEEsVVnNQyQjfUl9Mj/wcrLEjOezfeSPWx" +
      "1X/h2XF39e2OUzjgzXYqcbZ9uhBe/FVH3O1p7+Q8t1L6sT2/SYsZTgpIxFyjCTrsu78gbmwqLDYABlorx/cJ9Cbzmyx44OYnsADI" +
      "KEzPD6kQgvLdufVaUeFLllB+pnMwrgBMc1Cy8+99JxQhuukpcr9SSzhnpAzexaQiqNUzl536W0ZbDjtERtw2SyMM/60c+exTomDL" +
      "0hJa66iqgG/19CNvS0ggrZMi34BRbWNFSv3xMVIG0tjLNpM4OMcbD9DpD/hNBYmhp6pcjIiu0S3+ErEYFs2utGh2sdr950CAkwHN" +
      "QAt6n42WwDxy7h1Ugtk08DsY4+8ggTnD9rE8KUR8Y2q3P4d6Xn2EjwBCZpCM99R9nGZZr0EPTFhHLQtnwl54VFGdGLXtG8kXZEx5" +
      "/1VushIA4LUi/PeNBg+7Ko/Deyv2XbSrbqqokEqjGMJc+yi+Il9nK9Twe3d3bO43Rv3+n1zyfy/ohJGoldmhRwOKzX5NqYPyGq24" +
      "OpFwJu/p8zxWJDWa1fPF0twP4nekkWptj7/cWc1E3NGZjXFLzAT28/y6J37m8jHGKoB+HhI0ELqWe5MOizbgX3Bh12epgDuE+97Z" +
      "HD2AwaRdKkFcxCAJvcICpyMfR48knRhRtI5QMAquqa+X1kMtSHLbfKOZMzfPEMxwTi+Cxc57iA0jMNNjt6hpNrEIRNKO3wj+aTlC" +
      "ojPAXYN2GGNDV10lv6P6yE5SSbtdbQw3GviLYfTNJ2xIJak+/is9qx9qxlVzc2n7Gl4htfCQuKCWj8ygrZZH23Y0mjSMI5mxv+sV" +
      "136998DfpHNcz5Crar4BLChcP0lEtbFT2TBHwrz80Gevjsdvs4pXc5aX//0mVO8=",
  ),
  /** `lz4 -l -9` of TEXT. */
  lz4: bytes(
    "AiFMGBQJAAD2DnZpcnRxdWV1ZSAwIGtpY2tlZCBieSB2Y3B1IDAKHQAcMR0AFzEdABwyHQAXMh0AHDMdABczHQAcNB0AFzQdABw1HQAX" +
      "NR0AHDYdABc2HQAcNx0AFzcdABw4HQAXOB0AHDkdABg5BQENIwEZMSQBDiUBCCYBHTEnARgxKAEdMSkBGDEqAR0xKwEYMSwBHTEtARgx" +
      "LgEvMTbdAQofN94BCS8xON8BCS8xOeABCS8yMOEBCS8yMeIBCS8yMuMBCS8yM+QBCS8yNOUBCS8yNeYBCS8yNuYBCi8yN+YBCi8yOOYB" +
      "Ci8yOeYBCi8zMOYBCi8zMeYBCi8zMuYBCS8zM+YBCS8zNMUDCh815gEJLzM25gEJLzM35gEJLzM45gEJLzM55gEJLzQw5gEJLzQx5gEJ" +
      "LzQy5gEKLzQz5gEKLzQ05gEKLzQ15gEKLzQ25gEKLzQ35gEKLzQ45gEJLzQ55gEJLzUw5gEJLzUx5gEJLzUyrQUKHzPmAQkvNTTmAQkv" +
      "NTXmAQkvNTbmAQkvNTfmAQkvNTjmAQovNTnmAQovNjDmAQovNjHmAQovNjLmAQovNjPmAQovNjTmAQkvNjXmAQkvNjbmAQkvNjfmAQkv" +
      "NjjmAQkvNjnmAQkvNzCVBwofMeYBCS83MuYBCS83M+YBCS83NOYBCi83NeYBCi83NuYBCi83N+YBCi83OOYBCi83OeYBCh84dQkKHzh2" +
      "CQofOHcJCh84eAkKHzh5CQofOHoJCh84ewkKHzh8CQsPfQkKHzh+CQofOX4JCx85fgkLHzl+CQsfOX4JCx85fgkLHzl+CQsfOX4JCh85" +
      "fgkKHzl+CQofOX4JCi8xMH8JCi8xMIAJCi8xMIEJCi8xMIIJCi8xMIMJCj8xMDVqCwsPhQkLLzEwhgkLLzEwhwkLLzEwiAkLLzExiQkL" +
      "LzExigkLLzExiwkKLzExjAkKLzExjQkKPzExNfYBCi8xNvYBCi8xN/YBCi8xOPYBCi8xOfYBCi8yMPYBCi8yMfYBCi8yMvYBCy8yM2IN" +
      "DA+XCQs/MTI19gELLzI29gELLzI39gELLzI49gEKLzI59gEKLzMw9gEKLzMx9gEKLzMy9gEKLzMz9gEKLzM09gEKLzM19gEKLzM29gEK" +
      "LzM39gEKLzM49gELLzM59gELLzQw9gELLzQxWg8MD6kJCz8xNDP2AQsvNDT2AQovNDX2AQovNDb2AQovNDf2AQovNDj2AQovNDn2AQov" +
      "NTD2AQovNTH2AQovNTL2AQovNTP2AQovNTT2AQsvNTX2AQsvNTb2AQsvNTf2AQsvNThREQwfOVIRDA8wEwsvNjH2AQovNjL2AQovNjP2" +
      "AQovNjT2AQovNjX2AQovNjb2AQovNjf2AQovNjj2AQofNkITCx83QxMMHzdEEwwfN0UTDB83RhMMHzdHEwwfN0gTDB83SRMMD0oTCx83" +
      "SxMLHzfOCQsfOM4JCx84zgkLHzjOCQsfOM4JCx84zgkLHzjOCQsfOM4JDB84zgkMHzjOCQwfOM4JDB85zgkMHznOCQwfOc4JCx85zgkL" +
      "HznOCQsfOc4JCx85zgkLHznOCQsfOc4JCx85zgkKLzIwzgkKLzIwzgkKLzIwzgkLLzIwzgkLLzIwzgkLLzIwzgkLLzIwzgkLLzIwzgkL" +
      "LzIwzgkKLzIwzgkKLzIxzgkKLzIxzgkKPzIxMjkXCw/OCQovMjHOCQo/MjE19gEKLzE29gEKLzE39gEKLzE49gELLzE59gELLzIw9gEL" +
      "LzIx9gELLzIy9gELLzIz9gELLzI09gEKLzI19gEKLzI29gEKLzI39gEKLzI49gEKLzI59gEKLzMwMRkLD84JCj8yMzL2AQovMzP2AQov" +
      "MzT2AQsvMzX2AQsvMzb2AQsvMzf2AQsvMzj2AQsvMzn2AQsvNDD2AQofNAAdCy80MvYBCi80M/YBCi80NPYBCi80NfYBCi80NvYBCi80" +
      "NygbCw/OCQo/MjQ59gEKLzUw9gELLzUx9gELLzUy9gELLzUz9gELLzU09gELLzU19gELLzU29gEKLzU39gEKLzU49gEKHzUaHQsfNhsd" +
      "Cx82HB0LHzYdHQsfNh4dCx82Hx0LHzYgHQwPIR0MHzYiHQwfNiMdDC82OfYBCy83MPYBCy83MfYBCy83MvYBCi83M/YBCi83NPYBCi83" +
      "NfYBCi83NvYBCi83N/YBCi83OPYBCh83zgkLHzjOCQsfOM4JCx84zgkMHzjOCQwfOM4JDB84zgkMHzjOCQwfOM4JDB84zgkLHzjOCQsf" +
      "Oc4JCx85zgkLHznOCQsfOc4JCx85zgkLHznOCQsfOc4JCx85zgkLHznOCQwfOc4JCy8zMM4JCz8zMDEQIQwPzgkLLzMwzgkLLzMwzgkK" +
      "LzMwzgkKLzMwzgkKLzMwzgkKLzMwzgkKLzMwzgkKLzMxzgkKLzMxzgkKLzMxzgkKLzMxzgkKLzMxzgkLPzMxNfYBCy8xNvYBCy8xN/YB" +
      "Cy8xOAcjDB85CCMMD84JCj8zMjH2AQofMtAmCy8yM/YBCi8yNPYBCi8yNfYBCi8yNvYBCi8yN/YBCi8yOPYBCi8yOfYBCi8zMPYBCy8z" +
      "MfYBCy8zMvYBCy8zM/YBCy8zNPYBCy8zNfYBCy8zNv8kCw/OCQo/MzM49gEKLzM59gEKLzQw9gEKLzQx9gEKLzQy9gEKLzQz9gEKLzQ0" +
      "9gEKLzQ19gEKLzQ29gELLzQ39gELLzQ49gELHzTyJgwfNfMmDB819CYMHzX1JgsfNfYmCx819yYMD/gmCx81+SYLHzX6JgsfNfsmCy81" +
      "OfYBCi82MPYBCi82MfYBCi82MvYBCy82M/YBCy82NPYBCy82NfYBCy82NvYBCy82N/YBCy82OPYBCi82OfYBCi83MPYBCi83MfYBCi83" +
      "Mu8oCw/OCQo/Mzc09gEKLzc19gEKLzc29gEKLzc39gEKLzc49gELHzfOCQwfOM4JDB84zgkMHzjOCQwfOM4JDB84zgkLHzjOCQsfOM4J" +
      "Cx84zgkLHzjOCQsfOM4JCx85zgkLHznOCQsfOc4JCx85zgkLHznOCQwfOc4JDB85zgkMHznOCQwfOc4JDAxEDFB1IDE1Cg==",
  ),
  /** `xz --delta=dist=1 --lzma2`: a filter that is not understood. */
  delta: bytes("/Td6WFoAAATm1rRGAgEDAQAhARZ5IMTu4AA1AApdADCAbf1kAQAAAAAAAAAy0Xt2SXcpjgABJjaWo+IsH7bzfQEAAAAABFla"),
} as const;
