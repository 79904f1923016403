<?php

declare(strict_types=1);

namespace Vilya\Tests\Support;

/** Random values that are the same in every run. */
final class SeededValues
{
    private const SEED = 20_240_229;

    public static function seed(): void
    {
        mt_srand(self::SEED);
    }

    /** A value with at most $depthLeft levels of lists and maps in it. */
    public static function next(int $depthLeft): mixed
    {
        switch (mt_rand(0, $depthLeft > 0 ? 8 : 5)) {
            case 0:
                return [null, true, false][mt_rand(0, 2)];
            case 1:
                return mt_rand(-200, 200);
            case 2:
                return (mt_rand(0, 1) === 0 ? 1 : -1) * (mt_rand() << mt_rand(0, 32));
            case 3:
                return mt_rand(-1_000_000, 1_000_000) / 7;
            case 4:
            case 5:
                return self::randomBytes();
            case 6:
                return array_map(static fn (): mixed => self::next($depthLeft - 1), range(1, mt_rand(1, 20)));
            default:
                $map = [];
                for ($i = mt_rand(0, 20); $i > 0; $i--) {
                    $map[mt_rand(0, 3) === 0 ? mt_rand(-5, 5) : self::randomBytes()] = self::next($depthLeft - 1);
                }

                return $map;
        }
    }

    private static function randomBytes(): string
    {
        $bytes = '';
        for ($i = mt_rand(0, 3) === 0 ? mt_rand(0, 300) : mt_rand(0, 12); $i > 0; $i--) {
            $bytes .= chr(mt_rand(0, 255));
        }

        return $bytes;
    }
}
