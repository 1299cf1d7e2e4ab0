"""A world for acceptance tests: authorization server, API, proxies, time server and machine, all on 127.0.0.1.

Written apart from the practice platform of the product, so that it can judge both. Nothing here imports the product's `demo`.
"""
